package dev.henge.router.api;

import org.jspecify.annotations.Nullable;

/** SSESpecification, as it was sent. Henge encrypts nothing by itself, so asking for it is refused. */
record Encryption(
        @Nullable Boolean enabled,
        @Nullable String type,
        @Nullable String keyId) {

    /** What a key's id, alias or ARN may measure; the key management service's own bound. */
    private static final int KEY_ID_LENGTH_MAX = 2_048;

    /** What asks for a protection that does not exist is told so. */
    static final String NOT_THERE = "Server-side encryption is not available here: Henge encrypts nothing by itself."
            + " Encrypt the nodes' disks, and leave SSESpecification out.";

    /** Values of SSEType, in the service's order. */
    enum Type {
        AES256,
        KMS
    }

    static @Nullable Encryption read(JsonReader in) {
        if (!in.openStructure(JsonReader.Place.FIELD, "SSESpecification")) {
            return null;
        }
        Boolean enabled = null;
        String type = null;
        String keyId = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "Enabled" -> enabled = in.bool();
                case "SSEType" -> type = in.string();
                case "KMSMasterKeyId" -> keyId = in.string();
                default -> in.skip();
            }
        }
        return new Encryption(enabled, type, keyId);
    }

    void checkConstraints(Constraints constraints) {
        constraints.oneOfOrNull(type, Type.class, "sSESpecification.sSEType");
        constraints.length(
                keyId, keyId == null ? 0 : keyId.length(), 1, KEY_ID_LENGTH_MAX, "sSESpecification.kMSMasterKeyId");
    }

    void check() {
        if (Boolean.FALSE.equals(enabled)) {
            if (type != null) {
                throw ApiException.invalidParameter("SSEType can not be specified if Enabled is false");
            }
            if (keyId != null) {
                throw ApiException.invalidParameter("KMSMasterKeyId can not be specified if Enabled is false");
            }
        }
        if (Type.AES256.name().equals(type)) {
            throw ApiException.invalidParameter("SSEType AES256 is not supported");
        }
        if (keyId != null && type == null) {
            throw ApiException.invalidParameter("SSEType KMS is required if KMSMasterKeyId is specified");
        }
        if (wanted()) {
            throw ApiException.validation(NOT_THERE);
        }
    }

    /** With Enabled left out, to name the type is to ask for it. */
    private boolean wanted() {
        return enabled == null ? type != null : enabled;
    }
}
