package dev.henge.node.partition;

import dev.henge.index.IndexDefinition;
import dev.henge.proto.TableRecord;
import java.util.List;
import java.util.Optional;

/**
 * A table as the writes of a partition see it.
 *
 * @param indexes those that writes keep up
 */
record DefinedTable(TableRecord record, List<IndexDefinition> indexes) {

    static DefinedTable of(TableRecord record) {
        return new DefinedTable(record, IndexDefinition.allOf(record));
    }

    Optional<IndexDefinition> index(long id) {
        return indexes.stream().filter(index -> index.id() == id).findFirst();
    }

    /** A newer definition has a higher one. */
    long epoch() {
        return record.getEpoch();
    }
}
