#!/usr/bin/env python3
"""Writes tests/tokens.json: bearer tokens, good and hostile, that PyJWT signs.

Needs: pip install pyjwt==2.15.1 cryptography==50.0.2

The private keys are made anew each time and thrown away. Times are far enough in the
past or in the future to hold for the tests' clock and for the true one.
"""

import base64
import hashlib
import hmac
import json
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, RSAAlgorithm

FILE = Path(__file__).parent.parent / "tests" / "tokens.json"

# 2020-01-01, what the tests' clock shows, 2100-01-01, and a year later.
PAST, NOW, FUTURE, LATER = 1577836800, 1800000000, 4102444800, 4133980800
ISSUER, AUDIENCE = "https://issuer.example", "iris-api"
SECRET = b"a secret of the tests that is 32 bytes or more"
RSA, OTHER_RSA = (rsa.generate_private_key(65537, 2048) for _ in range(2))
EC, OTHER_EC = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
EC_384 = ec.generate_private_key(ec.SECP384R1())

CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "scope": "predict", "exp": FUTURE}


def public(algorithm, key, **more):
    return {**json.loads(algorithm.to_jwk(key)), **more}


def encoded(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header, claims, secret=SECRET):
    """A token of HS256 whose parts are taken as they are, which PyJWT would not write."""
    text = f"{encoded(header)}.{encoded(claims)}"
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def hs256(claims=CLAIMS, key=SECRET, kid="hs", **header):
    return jwt.encode(claims, key, "HS256", {"kid": kid, **header})


def rs256(claims=CLAIMS, key=RSA, kid="rs", algorithm="RS256"):
    return jwt.encode(claims, key, algorithm, {"kid": kid})


def es256(claims=CLAIMS, key=EC, kid="es", algorithm="ES256"):
    return jwt.encode(claims, key, algorithm, {"kid": kid})


def changed(token, part, change):
    parts = token.split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)


def without(name):
    return {key: value for key, value in CLAIMS.items() if key != name}


HS_HEADER = {"alg": "HS256", "kid": "hs", "typ": "JWT"}
RSA_PEM = RSA.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
RSA_DER = RSA.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)


def last_bits(part):
    """The same bytes, written with bits that no byte takes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) | 1]


# What each token is, what answers it, and a part of the message where it is refused.
GOOD = [
    ("of HS256", hs256()),
    ("of RS256", rs256()),
    ("of ES256", es256()),
    ("without the name of its key", jwt.encode(CLAIMS, RSA, "RS256")),
    ("whose audience is one of several", es256({**CLAIMS, "aud": ["other", AUDIENCE]})),
    ("with one of several scopes", hs256({**CLAIMS, "scope": "openid predict email"})),
    ("with its scopes in a list", rs256({**without("scope"), "scp": ["openid", "predict"]})),
    ("with its scopes in scp, as text", rs256({**without("scope"), "scp": "openid predict"})),
    ("without a subject", hs256(without("sub"))),
    ("that is valid since the past", hs256({**CLAIMS, "nbf": PAST, "iat": PAST})),
    ("with a fraction of a second", hs256({**CLAIMS, "exp": FUTURE + 0.5})),
    ("with claims that say nothing here", hs256({**CLAIMS, "name": "Alice", "more": {"deep": [[1]]}})),
]
FORBIDDEN = [
    ("with another scope", hs256({**CLAIMS, "scope": "metrics"})),
    ("with no scope", es256(without("scope"))),
    ("with a scope that begins like it", hs256({**CLAIMS, "scope": "predictions predict:none"})),
]
INVALID = [
    ("that is expired", rs256({**CLAIMS, "exp": PAST}), "expired"),
    ("that is not valid yet", rs256({**CLAIMS, "nbf": FUTURE, "exp": LATER}), "not valid yet"),
    ("that never expires", hs256(without("exp")), "`exp`"),
    ("for another audience", hs256({**CLAIMS, "aud": "other"}), "`aud`"),
    ("for no audience", hs256(without("aud")), "`aud`"),
    ("for audiences that are none", hs256({**CLAIMS, "aud": []}), "`aud`"),
    ("of another issuer", hs256({**CLAIMS, "iss": ISSUER + "/"}), "`iss`"),
    ("of no issuer", hs256(without("iss")), "`iss`"),
    ("of another secret", hs256(key=SECRET[::-1]), "signature"),
    ("of another RSA key", rs256(key=OTHER_RSA), "signature"),
    ("of another EC key", es256(key=OTHER_EC), "signature"),
    ("of a key that is not known", hs256(kid="other"), "`kid`"),
    ("of the algorithm none", jwt.encode(CLAIMS, None, "none", {"kid": "hs"}), "`alg`"),
    ("of none, with a signature", signed({**HS_HEADER, "alg": "none"}, CLAIMS), "`alg`"),
    ("of none in another spelling", signed({**HS_HEADER, "alg": "nOnE"}, CLAIMS), "`alg`"),
    ("of no algorithm", signed({"kid": "hs"}, CLAIMS), "header"),
    ("of HS256 with the RSA key's PEM as its secret", signed({"alg": "HS256", "kid": "rs"}, CLAIMS, RSA_PEM), "`alg`"),
    ("of HS256 with the RSA key's DER as its secret", signed({"alg": "HS256", "kid": "rs"}, CLAIMS, RSA_DER), "`alg`"),
    ("of HS256 with the RSA key as its secret, unnamed", signed({"alg": "HS256"}, CLAIMS, RSA_PEM), "signature"),
    ("of RS256 with the name of the secret", rs256(kid="hs"), "`alg`"),
    ("of HS512", jwt.encode(CLAIMS, SECRET * 2, "HS512", {"kid": "hs"}), "`alg`"),
    ("of RS512", rs256(algorithm="RS512"), "`alg`"),
    ("of PS256", rs256(algorithm="PS256"), "`alg`"),
    ("of ES384", es256(key=EC_384, algorithm="ES384", kid="es-384"), "`alg`"),
    ("with a key of its own", hs256(jwk={"kty": "oct", "k": encoded(b"x" * 32)}, key=b"x" * 32), "signature"),
    ("with a header that must be understood", hs256(crit=["b64"], b64=False), "`crit`"),
    ("whose claims were changed", changed(hs256(), 1, lambda _: encoded({**CLAIMS, "sub": "mallory"})), "signature"),
    ("whose header was changed", changed(hs256(), 0, lambda _: encoded({"alg": "HS256"})), "signature"),
    ("without a signature", changed(hs256(), 2, lambda _: ""), "signature"),
    ("with half a signature", changed(rs256(), 2, lambda part: part[: len(part) // 2]), "signature"),
    ("with a signature of zeros", changed(es256(), 2, lambda _: encoded(bytes(64))), "signature"),
    ("with a signature in DER", changed(es256(), 2, lambda _: encoded(b"0\x06\x02\x01\x01\x02\x01\x01")), "signature"),
    ("with an RSA signature of zeros", changed(rs256(), 2, lambda _: encoded(bytes(256))), "signature"),
    ("with a longer signature", changed(hs256(), 2, lambda part: part + "AAAA"), "signature"),
    ("of two parts", hs256().rsplit(".", 1)[0], "three parts"),
    ("of five parts", hs256() + ".a.b", "three parts"),
    ("of nothing but dots", "..", "base64url"),
    ("with an empty header", changed(hs256(), 0, lambda _: ""), "base64url"),
    ("with padding", changed(hs256(), 2, lambda part: part + "="), "base64url"),
    ("in the other alphabet of base64", changed(hs256(), 1, lambda part: part[:-1] + "+"), "base64url"),
    ("with bits left over", changed(hs256(), 2, last_bits), "base64url"),
    ("with a space within", changed(hs256(), 1, lambda part: part[:9] + " " + part[9:]), "base64url"),
    ("whose header is no JSON", signed(b"{", CLAIMS), "header"),
    ("whose header is a list", signed([1], CLAIMS), "header"),
    ("whose header is not UTF-8", signed(b'{"alg":"\xff"}', CLAIMS), "header"),
    ("whose header has alg twice", signed(b'{"alg":"none","alg":"HS256","kid":"hs"}', CLAIMS), "header"),
    ("whose claims are no JSON", signed(HS_HEADER, b"nothing"), "claims"),
    ("whose claims are a list", signed(HS_HEADER, [CLAIMS]), "claims"),
    ("whose claims are deep", signed(HS_HEADER, b'{"a":' * 400 + b"1" + b"}" * 400), "`exp`"),
    ("whose audience is deep", signed(HS_HEADER, b'{"aud":' + b"[" * 400 + b"]" * 400 + b"}"), "claims"),
    ("with exp twice", signed(HS_HEADER, json.dumps(CLAIMS)[:-1].encode() + b',"exp":4133980800}'), "claims"),
    ("with aud twice", signed(HS_HEADER, b'{"aud":"other",' + json.dumps(CLAIMS)[1:].encode()), "claims"),
    ("with exp as text", signed(HS_HEADER, {**CLAIMS, "exp": str(FUTURE)}), "claims"),
    ("with exp of nothing", signed(HS_HEADER, {**CLAIMS, "exp": None}), "`exp`"),
    ("with a negative exp", signed(HS_HEADER, {**CLAIMS, "exp": -1}), "expired"),
    ("with exp beyond numbers", signed(HS_HEADER, json.dumps(without("exp"))[:-1].encode() + b',"exp":1e999}'), "claims"),
    ("with aud as a number", signed(HS_HEADER, {**CLAIMS, "aud": 1}), "claims"),
    ("with a subject that is no text", signed(HS_HEADER, {**CLAIMS, "sub": {"a": 1}}), "claims"),
    ("with a subject that is too long", hs256({**CLAIMS, "sub": "a" * 256}), "`sub`"),
    ("that is huge", hs256({**CLAIMS, "more": "a" * 9000}), "8192 bytes"),
    ("that is one of base64 alone", encoded(b"x" * 60), "three parts"),
]


def main():
    jwks = {
        "keys": [
            public(HMACAlgorithm(HMACAlgorithm.SHA256), SECRET, kid="hs", alg="HS256"),
            public(RSAAlgorithm(RSAAlgorithm.SHA256), RSA.public_key(), kid="rs", alg="RS256", use="sig"),
            public(ECAlgorithm(ECAlgorithm.SHA256), EC.public_key(), kid="es", use="sig"),
            # What is not used: another curve, another use, another kind.
            public(ECAlgorithm(ECAlgorithm.SHA384), EC_384.public_key(), kid="es-384"),
            public(RSAAlgorithm(RSAAlgorithm.SHA256), OTHER_RSA.public_key(), kid="enc", use="enc"),
            {"kty": "OKP", "crv": "Ed25519", "x": encoded(bytes(32)), "kid": "ed"},
        ]
    }
    tokens = [{"what": what, "token": token, "status": 200} for what, token in GOOD]
    tokens += [{"what": what, "token": token, "status": 403, "message": "scope"} for what, token in FORBIDDEN]
    tokens += [
        {"what": what, "token": token, "status": 401, "message": message} for what, token, message in INVALID
    ]
    times = {"now": NOW, "edge": hs256({**CLAIMS, "nbf": NOW, "exp": NOW + 100})}
    admin = hs256({**CLAIMS, "scope": "admin"})
    content = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": jwks, **times, "admin": admin, "tokens": tokens}
    FILE.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
