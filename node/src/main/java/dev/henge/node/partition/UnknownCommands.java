package dev.henge.node.partition;

import dev.henge.node.partition.StateMachine.CommittedEntry;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.Command;
import java.util.List;

/**
 * A log may hold what a newer program has written. Who skipped that would go on with another state than the other replicas have, so
 * it is never skipped: the node stops, before anything of it is applied.
 */
final class UnknownCommands {

    private UnknownCommands() {}

    /** @throws IllegalStateException when there is a command that this program does not know */
    static void refuse(int partition, List<CommittedEntry> entries) {
        for (CommittedEntry entry : entries) {
            Command command = entry.command();
            if (command != null && !isKnown(command)) {
                throw new IllegalStateException("entry " + entry.index() + " of partition " + partition
                        + ": this node's program is older than what the log holds; upgrade it");
            }
        }
    }

    private static boolean isKnown(Command command) {
        if (command.getKindCase() == Command.KindCase.KIND_NOT_SET) {
            return false;
        }
        return !command.hasCatalog() || command.getCatalog().getKindCase() != CatalogCommand.KindCase.KIND_NOT_SET;
    }
}
