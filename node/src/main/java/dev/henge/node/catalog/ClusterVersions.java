package dev.henge.node.catalog;

import dev.henge.catalog.ClusterVersion;
import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.RaiseClusterVersion;
import java.util.Optional;

/** The cluster's version: what its command makes of the catalog. */
final class ClusterVersions {

    private ClusterVersions() {}

    static Transition raise(CatalogState state, RaiseClusterVersion command) {
        Catalog catalog = state.catalog();
        if (command.getTo() <= ClusterVersion.of(catalog)) {
            return state.refuse(Code.OK, "", Optional.empty());
        }
        Optional<NodeRecord> older = catalog.getNodesList().stream()
                .filter(node -> ClusterVersion.knownBy(node) < command.getTo())
                .findFirst();
        if (older.isPresent()) {
            return state.refuse(
                    Code.CONFLICT,
                    "node " + older.get().getName() + " knows cluster version " + ClusterVersion.knownBy(older.get())
                            + " at most; restart it with a newer program, or remove it",
                    Optional.empty());
        }
        return CatalogState.accept(state.nextEpoch().setClusterVersion(command.getTo()), Optional.empty());
    }
}
