package dev.henge.node.catalog;

import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.CreateCredential;
import dev.henge.proto.CredentialRecord;
import dev.henge.proto.DeleteCredential;
import dev.henge.proto.SetCredentialStatus;
import java.util.Optional;

/** The credentials in the catalog: what their commands make of it, and copies without secrets. */
public final class Credentials {

    private static final int COUNT_MAX = 1000;

    /** As long as an AWS access key id may be. */
    private static final int ACCESS_KEY_ID_LENGTH_MAX = 128;

    private static final int SECRET_KEY_LENGTH_MAX = 128;
    private static final int LABEL_LENGTH_MAX = 256;

    private Credentials() {}

    /** The catalog as anyone may see it who is neither a node nor a router. */
    public static Catalog withoutSecrets(Catalog catalog) {
        if (catalog.getCredentialsCount() == 0) {
            return catalog;
        }
        Catalog.Builder copy = catalog.toBuilder();
        copy.getCredentialsBuilderList().forEach(CredentialRecord.Builder::clearSecretKey);
        return copy.build();
    }

    static Transition create(CatalogState state, CreateCredential command) {
        Catalog catalog = state.catalog();
        CredentialRecord wanted = command.getCredential();
        if (!state.bootstrapped()) {
            return refuse(state, "the cluster is not bootstrapped yet");
        }
        if (command.getFirstOnly() && catalog.getCredentialsCreated() > 0) {
            return refuse(state, "the cluster has had a credential already");
        }
        Optional<String> fault = faultOf(wanted);
        if (fault.isPresent()) {
            return refuse(state, fault.get());
        }
        if (indexOf(catalog, wanted.getAccessKeyId()) >= 0) {
            return refuse(state, "there is a credential " + wanted.getAccessKeyId() + " already");
        }
        if (catalog.getCredentialsCount() >= COUNT_MAX) {
            return refuse(state, "a cluster has at most " + COUNT_MAX + " credentials; delete one first");
        }
        Catalog.Builder next = state.nextEpoch();
        next.setCredentialsCreated(catalog.getCredentialsCreated() + 1)
                .addCredentials(wanted.toBuilder()
                        .setStatus(CredentialRecord.Status.ACTIVE)
                        .setEpoch(next.getEpoch()));
        return CatalogState.accept(next, Optional.empty());
    }

    static Transition setStatus(CatalogState state, SetCredentialStatus command) {
        CredentialRecord.Status status = command.getStatus();
        if (status != CredentialRecord.Status.ACTIVE && status != CredentialRecord.Status.DISABLED) {
            return refuse(state, "a credential is either active or disabled");
        }
        int index = indexOf(state.catalog(), command.getAccessKeyId());
        if (index < 0) {
            return notFound(state, command.getAccessKeyId());
        }
        Catalog.Builder next = state.nextEpoch();
        next.getCredentialsBuilder(index).setStatus(status).setEpoch(next.getEpoch());
        return CatalogState.accept(next, Optional.empty());
    }

    static Transition delete(CatalogState state, DeleteCredential command) {
        int index = indexOf(state.catalog(), command.getAccessKeyId());
        if (index < 0) {
            return notFound(state, command.getAccessKeyId());
        }
        return CatalogState.accept(state.nextEpoch().removeCredentials(index), Optional.empty());
    }

    /** Ids stand between slashes and commas in signatures, so they are plain. */
    private static Optional<String> faultOf(CredentialRecord wanted) {
        String id = wanted.getAccessKeyId();
        if (id.isEmpty()
                || id.length() > ACCESS_KEY_ID_LENGTH_MAX
                || !id.chars().allMatch(Credentials::isPlain)) {
            return Optional.of(
                    "an access key id has 1 to " + ACCESS_KEY_ID_LENGTH_MAX + " letters, digits and underscores");
        }
        String secret = wanted.getSecretKey();
        if (secret.isEmpty() || secret.length() > SECRET_KEY_LENGTH_MAX) {
            return Optional.of("a secret key has 1 to " + SECRET_KEY_LENGTH_MAX + " characters");
        }
        if (wanted.getLabel().length() > LABEL_LENGTH_MAX) {
            return Optional.of("a label has at most " + LABEL_LENGTH_MAX + " characters");
        }
        return Optional.empty();
    }

    private static boolean isPlain(int character) {
        return character >= 'a' && character <= 'z'
                || character >= 'A' && character <= 'Z'
                || character >= '0' && character <= '9'
                || character == '_';
    }

    private static int indexOf(Catalog catalog, String accessKeyId) {
        for (int i = 0; i < catalog.getCredentialsCount(); i++) {
            if (catalog.getCredentials(i).getAccessKeyId().equals(accessKeyId)) {
                return i;
            }
        }
        return -1;
    }

    private static Transition notFound(CatalogState state, String accessKeyId) {
        return refuse(state, "there is no credential " + accessKeyId);
    }

    private static Transition refuse(CatalogState state, String reason) {
        return state.refuse(Code.CONFLICT, reason, Optional.empty());
    }
}
