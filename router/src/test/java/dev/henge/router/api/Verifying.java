package dev.henge.router.api;

import dev.henge.cluster.Deadline;
import dev.henge.proto.Catalog;
import dev.henge.proto.CredentialRecord;
import dev.henge.router.InMemoryCluster;
import java.time.Duration;
import java.time.Instant;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** A verifier at a time that tests set, over a catalog that they change. */
final class Verifying {

    static final AwsCredentialsIdentity ALICE = AwsCredentialsIdentity.create("HNGEALICE", "alice's secret");
    static final AwsCredentialsIdentity BOB = AwsCredentialsIdentity.create("HNGEBOB", "bob's secret");

    private Instant now = SignedCall.NOW;
    final InMemoryCluster cluster = new InMemoryCluster(1);
    final SignatureVerifier verifier = new SignatureVerifier(new Credentials(cluster), () -> now);

    Verifying() {
        put(ALICE, CredentialRecord.Status.ACTIVE);
        put(BOB, CredentialRecord.Status.ACTIVE);
    }

    void at(Instant time) {
        now = time;
    }

    /** Adds or replaces a credential. */
    void put(AwsCredentialsIdentity identity, CredentialRecord.Status status) {
        remove(identity);
        Catalog.Builder next = next();
        cluster.learnCatalog(next.addCredentials(CredentialRecord.newBuilder()
                        .setAccessKeyId(identity.accessKeyId())
                        .setSecretKey(identity.secretAccessKey())
                        .setStatus(status)
                        .setEpoch(next.getEpoch()))
                .build());
    }

    void remove(AwsCredentialsIdentity identity) {
        Catalog.Builder next = next();
        for (int i = next.getCredentialsCount() - 1; i >= 0; i--) {
            if (next.getCredentials(i).getAccessKeyId().equals(identity.accessKeyId())) {
                next.removeCredentials(i);
            }
        }
        cluster.learnCatalog(next.build());
    }

    private Catalog.Builder next() {
        Catalog catalog = cluster.catalog();
        return catalog.toBuilder().setEpoch(catalog.getEpoch() + 1);
    }

    void verify(SignedCall call) {
        verifier.verify(call, ClaimedSignature.of(call), Deadline.after(Duration.ofSeconds(10)));
    }
}
