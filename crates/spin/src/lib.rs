//! edgeinfer
