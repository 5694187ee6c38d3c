package dev.henge.deploy;

import dev.henge.node.StartupException;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateCredential;
import dev.henge.proto.CredentialRecord;
import dev.henge.proto.DeleteCredential;
import dev.henge.proto.SetCredentialStatus;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Makes and changes a cluster's credentials. A new credential's id and secret are made here; the cluster hands a secret out
 * to nobody but nodes and routers.
 */
final class CredentialClient implements AutoCloseable {

    private static final String ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String SECRET_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final String ID_PREFIX = "HNGE";

    /** Random symbols, 80 bits; with the prefix as long as an AWS access key id. */
    private static final int ID_SYMBOLS = 16;

    /** 238 bits; as long as an AWS secret access key. */
    private static final int SECRET_SYMBOLS = 40;

    private static final String LIST = "henge credentials list";

    private final CatalogClient cluster;
    private final SecureRandom random = new SecureRandom();

    /** A credential just made. Not a record: its secret must not get into a log by way of {@code toString}. */
    static final class NewKey {
        private final String accessKeyId;
        private final String secretKey;

        private NewKey(String accessKeyId, String secretKey) {
            this.accessKeyId = accessKeyId;
            this.secretKey = secretKey;
        }

        String accessKeyId() {
            return accessKeyId;
        }

        String secretKey() {
            return secretKey;
        }
    }

    private CredentialClient(CatalogClient cluster) {
        this.cluster = cluster;
    }

    /**
     * @param addresses of some nodes, "host:port" each
     * @param timeout how long all that is asked of the client may take together
     */
    static CredentialClient connect(List<String> addresses, Duration timeout) {
        return new CredentialClient(CatalogClient.connect(addresses, timeout));
    }

    /** @throws StartupException when it was refused, or the cluster did not answer in time */
    NewKey create(String label) throws StartupException {
        NewKey key = newKey();
        cluster.require(creation(key, label, false), LIST);
        return key;
    }

    /**
     * Makes the cluster's first credential; empty when it has, or once had, one.
     *
     * @throws StartupException when the cluster did not answer in time
     */
    Optional<NewKey> createFirst(String label) throws StartupException {
        NewKey key = newKey();
        CatalogOutcome outcome = cluster.submit(creation(key, label, true), LIST);
        return outcome.getCode() == CatalogOutcome.Code.OK ? Optional.of(key) : Optional.empty();
    }

    /** @throws StartupException when there is no such credential, or the cluster did not answer in time */
    void setStatus(String accessKeyId, CredentialRecord.Status status) throws StartupException {
        cluster.require(
                CatalogCommand.newBuilder()
                        .setSetCredentialStatus(SetCredentialStatus.newBuilder()
                                .setAccessKeyId(accessKeyId)
                                .setStatus(status)),
                LIST);
    }

    /** @throws StartupException when there is no such credential, or the cluster did not answer in time */
    void delete(String accessKeyId) throws StartupException {
        cluster.require(
                CatalogCommand.newBuilder()
                        .setDeleteCredential(DeleteCredential.newBuilder().setAccessKeyId(accessKeyId)),
                LIST);
    }

    /**
     * All credentials, the oldest first, without their secrets: as the newest of the nodes that answer knows them, so with
     * every change that was acknowledged, if the leader of the system partition is among those.
     *
     * @throws StartupException when no node answered
     */
    List<CredentialRecord> list() throws StartupException {
        return cluster.newest().getCredentialsList().stream()
                .sorted(Comparator.comparingLong(CredentialRecord::getCreatedMillis)
                        .thenComparing(CredentialRecord::getAccessKeyId))
                .toList();
    }

    private CatalogCommand.Builder creation(NewKey key, String label, boolean firstOnly) {
        return CatalogCommand.newBuilder()
                .setCreateCredential(CreateCredential.newBuilder()
                        .setFirstOnly(firstOnly)
                        .setCredential(CredentialRecord.newBuilder()
                                .setAccessKeyId(key.accessKeyId())
                                .setSecretKey(key.secretKey())
                                .setCreatedMillis(System.currentTimeMillis())
                                .setLabel(label)));
    }

    private NewKey newKey() {
        return new NewKey(ID_PREFIX + symbols(ID_ALPHABET, ID_SYMBOLS), symbols(SECRET_ALPHABET, SECRET_SYMBOLS));
    }

    private String symbols(String alphabet, int count) {
        StringBuilder symbols = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            symbols.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return symbols.toString();
    }

    @Override
    public void close() {
        cluster.close();
    }
}
