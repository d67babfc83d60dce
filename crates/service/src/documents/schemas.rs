//! Schemas, and short ways to write them.

use edgeinfer_core::ElementType;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, ComponentsBuilder, ObjectBuilder, OneOfBuilder, Ref,
    Schema, SchemaType, Type,
};
use utoipa::openapi::{Content, ContentBuilder, RefOr, Response, ResponseBuilder};

/// The schemas that several operations name.
pub(super) fn shared(components: ComponentsBuilder) -> ComponentsBuilder {
    let message = object([("error", string(), true)]);
    let problem = object([
        ("title", string(), true),
        ("status", integer(), true),
        ("detail", string(), true),
        ("code", string(), true),
        ("field", string(), false),
        ("request_id", string(), true),
    ]);
    components
        .schema("Failure", object([("error", reference("Error"), true)]))
        .schema("Message", message)
        .schema("Problem", problem)
        .schema("Tensor", tensor())
}

/// A tensor of the Open Inference Protocol.
fn tensor() -> RefOr<Schema> {
    object([
        ("name", string(), true),
        ("shape", array(integer()), true),
        ("datatype", string(), true),
        ("parameters", anything(), false),
        ("data", array(any()), false),
    ])
}

pub(super) fn reference(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

pub(super) fn of(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(kind))
}

pub(super) fn string() -> RefOr<Schema> {
    of(Type::String).into()
}

pub(super) fn integer() -> RefOr<Schema> {
    of(Type::Integer).into()
}

/// A number that a model gives; null stands for NaN and infinities.
pub(super) fn number() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(SchemaType::Array(vec![Type::Number, Type::Null])).into()
}

/// An object of any fields.
pub(super) fn anything() -> RefOr<Schema> {
    of(Type::Object).into()
}

/// Any JSON.
pub(super) fn any() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).into()
}

pub(super) fn array(items: RefOr<Schema>) -> RefOr<Schema> {
    ArrayBuilder::new().items(items).into()
}

pub(super) fn one_of(schemas: impl IntoIterator<Item = RefOr<Schema>>) -> RefOr<Schema> {
    schemas.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item).into()
}

/// Any of `schemas`, or several at once.
pub(super) fn one_of_any(schemas: impl IntoIterator<Item = RefOr<Schema>>) -> RefOr<Schema> {
    let any = AnyOfBuilder::new();
    schemas.into_iter().fold(any, |any, schema| any.item(schema)).into()
}

/// An element, which may be missing.
pub(super) fn value(element: ElementType, missing: bool) -> RefOr<Schema> {
    let kind = match element {
        ElementType::String => Type::String,
        ElementType::Bool => Type::Boolean,
        element if element.is_integer() => Type::Integer,
        _ => Type::Number,
    };
    let schema_type = match missing {
        true => SchemaType::Array(vec![kind, Type::Null]),
        false => SchemaType::Type(kind),
    };
    let schema = ObjectBuilder::new().schema_type(schema_type);
    let schema = match bounds(element) {
        Some((least, most)) => schema.exclusive_minimum(Some(least)).exclusive_maximum(Some(most)),
        None => schema,
    };
    schema.into()
}

/// What a feature's numbers are between; these themselves are beyond the type, or
/// round to what is.
fn bounds(element: ElementType) -> Option<(f64, f64)> {
    let symmetric = |most: f64| Some((-most, most));
    match element {
        ElementType::Float32 => symmetric(340_282_356_779_733_661_637_539_395_458_142_568_448.0),
        ElementType::BFloat16 => symmetric(3.39e38),
        ElementType::Float16 => symmetric(65_520.0),
        ElementType::Int8 => Some((-129.0, 128.0)),
        ElementType::UInt8 => Some((-1.0, 256.0)),
        ElementType::Int16 => Some((-32_769.0, 32_768.0)),
        ElementType::UInt16 => Some((-1.0, 65_536.0)),
        ElementType::Int32 => Some((-2_147_483_649.0, 2_147_483_648.0)),
        ElementType::UInt32 => Some((-1.0, 4_294_967_296.0)),
        // The next number of float64 below the least of int64.
        ElementType::Int64 => Some((-9_223_372_036_854_777_856.0, 9_223_372_036_854_775_808.0)),
        ElementType::UInt64 => Some((-1.0, 18_446_744_073_709_551_616.0)),
        _ => None,
    }
}

/// An object of fields, each with whether it is always there.
pub(super) fn object<const N: usize>(fields: [(&str, RefOr<Schema>, bool); N]) -> RefOr<Schema> {
    let object = fields.into_iter().fold(of(Type::Object), |object, (name, schema, required)| {
        let object = object.property(name, schema);
        if required { object.required(name) } else { object }
    });
    object.into()
}

/// An object of fields and no others.
pub(super) fn exactly<const N: usize>(fields: [(&str, RefOr<Schema>, bool); N]) -> RefOr<Schema> {
    match object(fields) {
        RefOr::T(Schema::Object(mut object)) => {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            RefOr::T(Schema::Object(object))
        }
        other => other,
    }
}

pub(super) fn json(schema: RefOr<Schema>) -> Content {
    ContentBuilder::new().schema(Some(schema)).build()
}

pub(super) fn response(description: &str, schema: RefOr<Schema>) -> Response {
    ResponseBuilder::new().description(description).content("application/json", json(schema)).build()
}
