package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.node.catalog.CatalogState;
import dev.henge.proto.Command;
import dev.henge.proto.ItemMutation;
import dev.henge.proto.ItemMutations;
import dev.henge.proto.TableRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries a leader has appended, or is about to, and not applied yet: who waits for them, and what each item will be
 * once they are applied. Bounded by number and bytes.
 */
final class InFlight {

    static final int ENTRIES_MAX = 8192;
    static final long BYTES_MAX = 32L << 20;

    /** One entry and those who wait for it. */
    static final class Entry {
        final long index;
        final Command command;
        final int sizeBytes;
        final List<Responder> waiting = new ArrayList<>(1);

        Entry(long index, Command command) {
            this.index = index;
            this.command = command;
            this.sizeBytes = command.getSerializedSize();
        }
    }

    private record ItemName(long table, ByteString key) {}

    /**
     * An item's state behind the writes in flight.
     *
     * @param image the item's binary form, null when it will be deleted
     * @param index the entry that leaves it so
     */
    record Image(byte @Nullable [] image, long index) {}

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Map<ByteString, Entry> byRequest = new HashMap<>();
    private final Map<ItemName, Image> images = new HashMap<>();
    private final Map<Long, DefinedTable> definedTables = new HashMap<>();
    private long bytes;
    private @Nullable CatalogState catalog;

    boolean full() {
        return entries.size() >= ENTRIES_MAX || bytes >= BYTES_MAX;
    }

    Optional<Entry> ofRequest(ByteString requestId) {
        return Optional.ofNullable(byRequest.get(requestId));
    }

    Optional<Image> image(long table, ByteString key) {
        return Optional.ofNullable(images.get(new ItemName(table, key)));
    }

    /** The table as an entry in flight defines it. */
    Optional<DefinedTable> definedTable(long table) {
        return Optional.ofNullable(definedTables.get(table));
    }

    /** The catalog behind the commands in flight, when there are any. */
    Optional<CatalogState> catalog() {
        return Optional.ofNullable(catalog);
    }

    void catalog(CatalogState behindLast) {
        catalog = behindLast;
    }

    long lastIndexOr(long none) {
        return entries.isEmpty() ? none : entries.getLast().index;
    }

    void add(Entry entry) {
        entries.addLast(entry);
        bytes += entry.sizeBytes;
        if (entry.command.hasDefineTable()) {
            TableRecord table = entry.command.getDefineTable().getTable();
            definedTables.put(table.getId(), DefinedTable.of(table));
        } else if (!entry.command.getRequestId().isEmpty()) {
            byRequest.put(entry.command.getRequestId(), entry);
        }
        forEachMutation(
                entry.command,
                mutation -> images.put(
                        new ItemName(mutation.getTable(), mutation.getKey()),
                        new Image(
                                mutation.getDeleted()
                                        ? null
                                        : mutation.getItem().toByteArray(),
                                entry.index)));
    }

    private static void forEachMutation(Command command, Consumer<ItemMutation> action) {
        if (command.hasMutation()) {
            action.accept(command.getMutation());
        }
        for (ItemMutations.Write write : command.getMutations().getWritesList()) {
            if (write.hasMutation()) {
                action.accept(write.getMutation());
            }
        }
    }

    /** The entries in flight, the oldest first; their indexes have no gaps. */
    Iterator<Entry> iterator() {
        return entries.iterator();
    }

    long firstIndexOr(long none) {
        return entries.isEmpty() ? none : entries.getFirst().index;
    }

    /** The oldest entry is applied. */
    Entry removeFirst() {
        Entry entry = entries.removeFirst();
        bytes -= entry.sizeBytes;
        byRequest.remove(entry.command.getRequestId());
        forEachMutation(
                entry.command,
                mutation -> images.computeIfPresent(
                        new ItemName(mutation.getTable(), mutation.getKey()),
                        (name, last) -> last.index() == entry.index ? null : last));
        if (entry.command.hasDefineTable()) {
            TableRecord table = entry.command.getDefineTable().getTable();
            definedTables.computeIfPresent(
                    table.getId(), (id, known) -> known.epoch() == table.getEpoch() ? null : known);
        }
        if (entries.isEmpty()) {
            catalog = null;
        }
        return entry;
    }

    /** Leadership is lost: nobody knows what becomes of these entries. */
    List<Entry> clear() {
        List<Entry> all = List.copyOf(entries);
        entries.clear();
        byRequest.clear();
        images.clear();
        definedTables.clear();
        bytes = 0;
        catalog = null;
        return all;
    }
}
