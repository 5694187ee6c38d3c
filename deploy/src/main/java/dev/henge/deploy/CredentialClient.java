package dev.henge.deploy;

import com.google.protobuf.ByteString;
import dev.henge.cluster.Channels;
import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.node.StartupException;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateCredential;
import dev.henge.proto.CredentialRecord;
import dev.henge.proto.DeleteCredential;
import dev.henge.proto.SetCredentialStatus;
import dev.henge.proto.WatchCatalogRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

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

    private static final int REQUEST_ID_BYTES = 16;

    private final List<String> addresses;
    private final RoutedClusterClient cluster;
    private final Deadline deadline;
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

    private CredentialClient(List<String> addresses, Deadline deadline) {
        this.addresses = addresses;
        this.cluster = RoutedClusterClient.connectWithoutSecrets(addresses);
        this.deadline = deadline;
    }

    /**
     * @param addresses of some nodes, "host:port" each
     * @param timeout how long all that is asked of the client may take together
     */
    static CredentialClient connect(List<String> addresses, Duration timeout) {
        return new CredentialClient(addresses, Deadline.after(timeout));
    }

    /** @throws StartupException when it was refused, or the cluster did not answer in time */
    NewKey create(String label) throws StartupException {
        NewKey key = newKey();
        require(submit(creation(key, label, false)));
        return key;
    }

    /**
     * Makes the cluster's first credential; empty when it has, or once had, one.
     *
     * @throws StartupException when the cluster did not answer in time
     */
    Optional<NewKey> createFirst(String label) throws StartupException {
        NewKey key = newKey();
        CatalogOutcome outcome = submit(creation(key, label, true));
        return outcome.getCode() == CatalogOutcome.Code.OK ? Optional.of(key) : Optional.empty();
    }

    /** @throws StartupException when there is no such credential, or the cluster did not answer in time */
    void setStatus(String accessKeyId, CredentialRecord.Status status) throws StartupException {
        require(submit(CatalogCommand.newBuilder()
                .setSetCredentialStatus(SetCredentialStatus.newBuilder()
                        .setAccessKeyId(accessKeyId)
                        .setStatus(status))));
    }

    /** @throws StartupException when there is no such credential, or the cluster did not answer in time */
    void delete(String accessKeyId) throws StartupException {
        require(submit(CatalogCommand.newBuilder()
                .setDeleteCredential(DeleteCredential.newBuilder().setAccessKeyId(accessKeyId))));
    }

    /**
     * All credentials, the oldest first, without their secrets: as the newest of the nodes that answer knows them, so with
     * every change that was acknowledged, if the leader of the system partition is among those.
     *
     * @throws StartupException when no node answered
     */
    List<CredentialRecord> list() throws StartupException {
        Catalog newest = Catalog.getDefaultInstance();
        String trouble = "no node was asked";
        for (String address : addresses) {
            ManagedChannel channel = Channels.open(address);
            try {
                Catalog catalog = AdminGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(
                                Math.max(1, deadline.remainingMillis() / addresses.size()), TimeUnit.MILLISECONDS)
                        .watchCatalog(WatchCatalogRequest.getDefaultInstance())
                        .next();
                newest = catalog.getEpoch() > newest.getEpoch() ? catalog : newest;
            } catch (StatusRuntimeException e) {
                trouble = "the node at " + address + " does not answer ("
                        + e.getStatus().getCode() + ")";
            } finally {
                channel.shutdownNow();
            }
        }
        if (newest.getEpoch() == 0) {
            throw new StartupException(trouble);
        }
        return newest.getCredentialsList().stream()
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

    private CatalogOutcome submit(CatalogCommand.Builder command) throws StartupException {
        byte[] requestId = new byte[REQUEST_ID_BYTES];
        random.nextBytes(requestId);
        try {
            return cluster.submit(
                            command.setRequestId(ByteString.copyFrom(requestId)).build(), deadline)
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ClusterException failure) {
                String doubt = failure.code() == ClusterException.Code.TIMED_OUT
                        ? "; whether it was done, henge credentials list shows"
                        : "";
                throw new StartupException("the cluster does not answer: " + failure.getMessage() + doubt, e);
            }
            throw new StartupException("asking the cluster failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while asking the cluster", e);
        }
    }

    private static void require(CatalogOutcome outcome) throws StartupException {
        if (outcome.getCode() != CatalogOutcome.Code.OK) {
            throw new StartupException(outcome.getMessage());
        }
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
