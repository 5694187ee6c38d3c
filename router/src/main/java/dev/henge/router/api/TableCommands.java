package dev.henge.router.api;

import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.Deadline;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.TableRecord;

/** Has the catalog change a table, and turns its refusals into the service's errors. */
final class TableCommands {

    private final ClusterClient cluster;
    private final RequestIds requestIds;

    TableCommands(ClusterClient cluster, RequestIds requestIds) {
        this.cluster = cluster;
        this.requestIds = requestIds;
    }

    /**
     * Submits a command on the table of this name; gives it its request id.
     *
     * @return the table after the command
     */
    TableRecord submit(CatalogCommand.Builder command, String name, Deadline deadline) {
        CatalogOutcome outcome = ClusterErrors.await(
                cluster.submit(command.setRequestId(requestIds.nextWriteId()).build(), deadline));
        return switch (outcome.getCode()) {
            case OK -> outcome.getTable();
            case TABLE_EXISTS -> throw alreadyExists(name);
            case TABLE_NOT_FOUND -> throw Tables.notFound(name);
            case TABLE_IN_USE -> throw new ApiException(ErrorType.RESOURCE_IN_USE, outcome.getMessage());
            case TABLE_PROTECTED ->
                throw ApiException.validation("Resource cannot be deleted as it is currently protected against "
                        + "deletion. Disable deletion protection first.");
            case TABLE_INVALID_CHANGE -> throw ApiException.validation(outcome.getMessage());
            case LIMIT_EXCEEDED -> throw new ApiException(ErrorType.LIMIT_EXCEEDED, outcome.getMessage());
            case INDEX_NOT_FOUND -> throw new ApiException(ErrorType.RESOURCE_NOT_FOUND, outcome.getMessage());
            case CONFLICT,
                    INVALID_PLACEMENT,
                    INVALID_SPLIT,
                    INVALID_MERGE,
                    NODE_NOT_FOUND,
                    NODE_IN_USE,
                    NODE_REFUSED,
                    PAUSED,
                    INVALID_SETTINGS,
                    UNRECOGNIZED ->
                throw new ApiException(
                        ErrorType.INTERNAL_SERVER_ERROR, "The catalog refused the change: " + outcome.getMessage());
        };
    }

    static ApiException alreadyExists(String name) {
        return new ApiException(ErrorType.RESOURCE_IN_USE, "Table already exists: " + name);
    }
}
