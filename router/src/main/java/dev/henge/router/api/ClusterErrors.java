package dev.henge.router.api;

import dev.henge.cluster.ClusterException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where what the cluster refuses becomes an error of the service. */
final class ClusterErrors {

    private static final Logger log = LoggerFactory.getLogger(ClusterErrors.class);

    private ClusterErrors() {}

    static ApiException toApi(ClusterException e) {
        return switch (e.code()) {
            case CONDITION_FAILED ->
                new ApiException(
                        ErrorType.CONDITIONAL_CHECK_FAILED,
                        "The conditional request failed",
                        e.item().orElse(null));
            case INVALID -> ApiException.validation(String.valueOf(e.getMessage()));
            case COLLECTION_FULL ->
                new ApiException(ErrorType.ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, "Collection size exceeded.");
            case TABLE_DROPPED -> new ApiException(ErrorType.RESOURCE_NOT_FOUND, "Requested resource not found");
            case OVERLOADED ->
                new ApiException(
                        ErrorType.PROVISIONED_THROUGHPUT_EXCEEDED,
                        "The partition is taking more requests than it can serve, please retry later");
            case UNAVAILABLE, RANGE_SPLIT ->
                new ApiException(
                        ErrorType.INTERNAL_SERVER_ERROR, "No leader of the partition could be reached in time");
            case TIMED_OUT ->
                new ApiException(
                        ErrorType.INTERNAL_SERVER_ERROR,
                        "The request could not be completed in time; a write may or may not have been made");
            case INTERNAL -> {
                // The client is told nothing of a fault's insides, so this is where they can be read.
                log.error("a fault of the cluster", e);
                yield new ApiException(
                        ErrorType.INTERNAL_SERVER_ERROR,
                        "The request processing has failed because of an internal error");
            }
        };
    }

    /** Waits for an answer of the cluster; a refusal is thrown as the service's error. */
    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw toApi(cluster(e));
        }
    }

    /** The refusal that a future of the cluster client failed with; anything else is thrown on. */
    static ClusterException cluster(CompletionException e) {
        if (e.getCause() instanceof ClusterException refused) {
            return refused;
        }
        throw e;
    }

    /** The refusal that a read failed with, when the same read may succeed a little later; else it is thrown. */
    static ClusterException retryable(CompletionException e) {
        ClusterException refused = cluster(e);
        return switch (refused.code()) {
            case OVERLOADED, UNAVAILABLE, TIMED_OUT, RANGE_SPLIT -> refused;
            case CONDITION_FAILED, INVALID, COLLECTION_FULL, TABLE_DROPPED, INTERNAL -> throw toApi(refused);
        };
    }

    /** Whether a refused write was surely not made, and may be tried again. */
    static boolean nothingDone(ClusterException e) {
        return switch (e.code()) {
            case OVERLOADED, UNAVAILABLE, RANGE_SPLIT -> true;
            case CONDITION_FAILED, INVALID, COLLECTION_FULL, TABLE_DROPPED, TIMED_OUT, INTERNAL -> false;
        };
    }
}
