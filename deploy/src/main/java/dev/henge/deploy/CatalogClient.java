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
import dev.henge.proto.LeadershipTransferred;
import dev.henge.proto.WatchCatalogRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A cluster's catalog as operators' commands read and change it. */
final class CatalogClient implements AutoCloseable {

    private static final int REQUEST_ID_BYTES = 16;

    private final List<String> addresses;
    private final RoutedClusterClient cluster;
    private final Deadline deadline;
    private final SecureRandom random = new SecureRandom();

    private CatalogClient(List<String> addresses, Deadline deadline) {
        this.addresses = addresses;
        this.cluster = RoutedClusterClient.connectWithoutSecrets(addresses);
        this.deadline = deadline;
    }

    /**
     * @param addresses of some nodes, "host:port" each
     * @param timeout how long all that is asked of the client may take together
     */
    static CatalogClient connect(List<String> addresses, Duration timeout) {
        return new CatalogClient(addresses, Deadline.after(timeout));
    }

    /**
     * The catalog as the newest of the nodes that answer knows it, so with every change that was acknowledged, if the leader
     * of the system partition is among those. Without secret keys.
     *
     * @throws StartupException when no node answered
     */
    Catalog newest() throws StartupException {
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
        return newest;
    }

    /**
     * @param howToTell what shows whether the change was made, should that stay unknown
     * @throws StartupException when the cluster did not answer in time
     */
    CatalogOutcome submit(CatalogCommand.Builder command, String howToTell) throws StartupException {
        byte[] requestId = new byte[REQUEST_ID_BYTES];
        random.nextBytes(requestId);
        try {
            return cluster.submit(
                            command.setRequestId(ByteString.copyFrom(requestId)).build(), deadline)
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ClusterException failure) {
                String doubt = failure.code() == ClusterException.Code.TIMED_OUT
                        ? "; whether it was done, " + howToTell + " shows"
                        : "";
                throw new StartupException("the cluster does not answer: " + failure.getMessage() + doubt, e);
            }
            throw new StartupException("asking the cluster failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while asking the cluster", e);
        }
    }

    /** As {@link #submit}; a refusal fails, too, and says why. */
    void require(CatalogCommand.Builder command, String howToTell) throws StartupException {
        CatalogOutcome outcome = submit(command, howToTell);
        if (outcome.getCode() != CatalogOutcome.Code.OK) {
            throw new StartupException(outcome.getMessage());
        }
    }

    /**
     * Has another of its nodes lead a partition.
     *
     * @throws StartupException when that was not done: one sentence that says why
     */
    void transferLeadership(int partition, String to) throws StartupException {
        try {
            LeadershipTransferred answer =
                    cluster.transferLeadership(partition, to, deadline).get();
            if (!answer.getDone()) {
                throw new StartupException(
                        "the leadership of partition " + partition + " was not transferred: " + answer.getReason());
            }
        } catch (ExecutionException e) {
            throw new StartupException("the cluster does not answer: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while asking the cluster", e);
        }
    }

    @Override
    public void close() {
        cluster.close();
    }
}
