package dev.henge.router.api;

import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import org.jspecify.annotations.Nullable;

/** A table as the operations on items see it. */
record TableSchema(
        TableRecord record,
        KeyAttribute partitionKey,
        @Nullable KeyAttribute sortKey) {

    static TableSchema of(TableRecord record) {
        return new TableSchema(record, record.getPartitionKey(), record.hasSortKey() ? record.getSortKey() : null);
    }

    long id() {
        return record.getId();
    }

    String name() {
        return record.getName();
    }

    int keyAttributeCount() {
        return sortKey == null ? 1 : 2;
    }

    boolean isKeyAttribute(String name) {
        return partitionKey.getName().equals(name)
                || (sortKey != null && sortKey.getName().equals(name));
    }
}
