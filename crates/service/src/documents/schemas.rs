//! Schemas, and short ways to write them.

use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ComponentsBuilder, ObjectBuilder, OneOfBuilder, Ref, Schema,
    SchemaType, Type,
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
