package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.CreateCredential;
import dev.henge.proto.CredentialRecord;
import dev.henge.proto.CredentialRecord.Status;
import dev.henge.proto.DeleteCredential;
import dev.henge.proto.SetCredentialStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {

    private final CatalogState fresh = CatalogState.EMPTY
            .apply(CatalogCommand.newBuilder()
                    .setBootstrap(Bootstrap.newBuilder().setClusterId("c"))
                    .build())
            .next();

    @Test
    void aNewCredentialIsActiveWhateverItsMakerSays() {
        Transition created =
                fresh.apply(create(credential("A").setStatus(Status.DISABLED).setEpoch(99)));

        assertThat(created.accepted()).isTrue();
        assertThat(created.outcome().getEpoch()).isEqualTo(2);
        assertThat(created.next().catalog().getCredentialsList())
                .containsExactly(
                        credential("A").setStatus(Status.ACTIVE).setEpoch(2).build());
    }

    @Test
    void anOutcomeHasNoSecret() {
        Transition created = fresh.apply(create(credential("A")));

        assertThat(created.outcome().toString()).doesNotContain("secret of A");
    }

    @Test
    void anIdIsGivenOnce() {
        CatalogState created = fresh.apply(create(credential("A"))).next();

        Transition again = created.apply(create(credential("A")));

        assertRefused(again, created, "there is a credential A already");
    }

    @Test
    void aStatusChangesWithItsEpoch() {
        CatalogState created = fresh.apply(create(credential("A"))).next();
        CatalogState both = created.apply(create(credential("B"))).next();

        CatalogState disabled = both.apply(setStatus("A", Status.DISABLED)).next();
        assertThat(disabled.catalog().getCredentials(0).getStatus()).isEqualTo(Status.DISABLED);
        assertThat(disabled.catalog().getCredentials(0).getEpoch()).isEqualTo(4);
        assertThat(disabled.catalog().getCredentials(0).getSecretKey()).isEqualTo("secret of A");
        assertThat(disabled.catalog().getCredentials(1))
                .isEqualTo(both.catalog().getCredentials(1));

        CatalogState enabled = disabled.apply(setStatus("A", Status.ACTIVE)).next();
        assertThat(enabled.catalog().getCredentials(0).getStatus()).isEqualTo(Status.ACTIVE);
        assertThat(enabled.catalog().getCredentials(0).getEpoch()).isEqualTo(5);
    }

    @Test
    void aDeletedCredentialIsGoneAndItsIdFree() {
        CatalogState created = fresh.apply(create(credential("A"))).next();
        CatalogState deleted = created.apply(delete("A")).next();

        assertThat(deleted.catalog().getCredentialsList()).isEmpty();
        assertThat(deleted.epoch()).isEqualTo(3);
        assertRefused(deleted.apply(delete("A")), deleted, "there is no credential A");
        assertThat(deleted.apply(create(credential("A")))
                        .next()
                        .catalog()
                        .getCredentials(0)
                        .getEpoch())
                .isEqualTo(4);
    }

    @Test
    void whatIsNotThereIsNotChanged() {
        assertRefused(fresh.apply(setStatus("A", Status.DISABLED)), fresh, "there is no credential A");
        CatalogState created = fresh.apply(create(credential("A"))).next();
        assertRefused(
                created.apply(setStatus("A", Status.STATUS_UNSPECIFIED)),
                created,
                "a credential is either active or disabled");
    }

    @Test
    void theFirstIsMadeOnceEvenWhenItWasDeleted() {
        CatalogCommand first = CatalogCommand.newBuilder()
                .setCreateCredential(
                        CreateCredential.newBuilder().setFirstOnly(true).setCredential(credential("ROOT")))
                .build();
        CatalogState created = fresh.apply(first).next();

        assertThat(created.catalog().getCredentialsCount()).isEqualTo(1);
        assertRefused(created.apply(first), created, "the cluster has had a credential already");
        CatalogState deleted = created.apply(delete("ROOT")).next();
        assertRefused(deleted.apply(first), deleted, "the cluster has had a credential already");
    }

    @Test
    void thereIsNoneBeforeTheClusterIs() {
        assertRefused(
                CatalogState.EMPTY.apply(create(credential("A"))),
                CatalogState.EMPTY,
                "the cluster is not bootstrapped yet");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "a,b", "a b", "a=b", "ä"})
    void anIdIsPlain(String id) {
        assertRefused(
                fresh.apply(create(credential(id))),
                fresh,
                "an access key id has 1 to 128 letters, digits and underscores");
    }

    @Test
    void everyPartOfACredentialIsBounded() {
        CredentialRecord.Builder longest = CredentialRecord.newBuilder()
                .setAccessKeyId("a".repeat(128))
                .setSecretKey("s".repeat(128))
                .setLabel("l".repeat(256));
        assertThat(fresh.apply(create(longest)).accepted()).isTrue();
        assertThat(fresh.apply(create(credential("A").setAccessKeyId("a".repeat(129))))
                        .accepted())
                .isFalse();
        assertThat(fresh.apply(create(credential("A").setSecretKey(""))).accepted())
                .isFalse();
        assertThat(fresh.apply(create(credential("A").setSecretKey("s".repeat(129))))
                        .accepted())
                .isFalse();
        assertThat(fresh.apply(create(credential("A").setLabel("l".repeat(257))))
                        .accepted())
                .isFalse();
    }

    @Test
    void thereAreAThousandAtMost() {
        CatalogState state = fresh;
        for (int i = 0; i < 1000; i++) {
            state = state.apply(create(credential("A" + i))).next();
        }

        assertThat(state.catalog().getCredentialsCount()).isEqualTo(1000);
        assertRefused(
                state.apply(create(credential("B"))),
                state,
                "a cluster has at most 1000 credentials; delete one first");
    }

    @Test
    void aCopyWithoutSecretsHasEverythingElse() {
        Catalog catalog =
                fresh.apply(create(credential("A").setLabel("label"))).next().catalog();

        Catalog copy = Credentials.withoutSecrets(catalog);

        assertThat(copy.getCredentials(0))
                .isEqualTo(
                        catalog.getCredentials(0).toBuilder().clearSecretKey().build());
        assertThat(copy.toBuilder().clearCredentials().build())
                .isEqualTo(catalog.toBuilder().clearCredentials().build());
        assertThat(copy.toString()).doesNotContain("secret of A");
    }

    private static void assertRefused(Transition transition, CatalogState before, String message) {
        assertThat(transition.outcome().getCode()).isEqualTo(Code.CONFLICT);
        assertThat(transition.outcome().getMessage()).isEqualTo(message);
        assertThat(transition.next()).isEqualTo(before);
    }

    private static CredentialRecord.Builder credential(String id) {
        return CredentialRecord.newBuilder().setAccessKeyId(id).setSecretKey("secret of " + id);
    }

    private static CatalogCommand create(CredentialRecord.Builder credential) {
        return CatalogCommand.newBuilder()
                .setCreateCredential(CreateCredential.newBuilder().setCredential(credential))
                .build();
    }

    private static CatalogCommand setStatus(String id, Status status) {
        return CatalogCommand.newBuilder()
                .setSetCredentialStatus(
                        SetCredentialStatus.newBuilder().setAccessKeyId(id).setStatus(status))
                .build();
    }

    private static CatalogCommand delete(String id) {
        return CatalogCommand.newBuilder()
                .setDeleteCredential(DeleteCredential.newBuilder().setAccessKeyId(id))
                .build();
    }
}
