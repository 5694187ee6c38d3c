package dev.henge.node.partition;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.RememberedRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A partition's {@link RequestMemory} and its rows in the storage. The storage has all of it; in memory it is only from when it
 * is first asked for until nobody has asked for a while. So a partition at rest takes no memory, however much was written
 * before.
 */
final class StoredRequests {

    private final int partition;
    private final StorageEngine storage;
    private @Nullable RequestMemory memory;
    private boolean asked;

    /** Whether the storage has all that was ever remembered; else it may, but nobody knows. */
    private boolean allStored;

    StoredRequests(int partition, StorageEngine storage) {
        this.partition = partition;
        this.storage = storage;
    }

    /** What is remembered as of the last batch that was written, and what was added since. */
    RequestMemory memory() {
        asked = true;
        RequestMemory known = memory;
        if (known == null) {
            known = load();
            memory = known;
        }
        return known;
    }

    /** Remembers a request that an entry has carried out, and forgets what is too old by now. */
    void add(long index, RememberedRequest request, WriteBatch batch) {
        RequestMemory requests = memory();
        requests.add(index, request);
        batch.put(StorageKeys.requestKey(partition, index), request.toByteArray());
        requests.expire(request.getTimestampMillis(), old -> batch.delete(key(partition, old.source(), old.index())));
    }

    boolean isInMemory() {
        return memory != null;
    }

    /** Goes by what the storage has from now on: what is in memory may have run ahead of it, or be of another state. */
    void letGo() {
        memory = null;
        allStored = false;
    }

    /** Lets the memory go if nobody has asked since the last call. Not while a batch is being made. */
    void letGoUnlessAsked() {
        RequestMemory known = memory;
        if (!asked && known != null) {
            allStored = known.forgotNothing();
            memory = null;
        }
        asked = false;
    }

    /** Where a partition's storage has what it remembers of an entry's request; the source as in {@link RequestMemory.Place}. */
    static byte[] key(int partition, int source, long index) {
        return source == 0
                ? StorageKeys.requestKey(partition, index)
                : StorageKeys.takenRequestKey(partition, source, index);
    }

    private RequestMemory load() {
        List<RequestMemory.Place> remembered = new ArrayList<>();
        try (StorageEngine.View view = storage.view()) {
            StateMachine.forEach(
                    view,
                    StorageKeys.requestRange(partition),
                    (key, value) -> remembered.add(RequestMemory.Place.of(
                            0, StorageKeys.requestIndexOf(key), RememberedRequest.parseFrom(value))));
            StateMachine.forEach(
                    view,
                    StorageKeys.takenRequestRange(partition),
                    (key, value) -> remembered.add(RequestMemory.Place.of(
                            StorageKeys.takenRequestSourceOf(key),
                            StorageKeys.takenRequestIndexOf(key),
                            RememberedRequest.parseFrom(value))));
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(e);
        }
        RequestMemory requests = new RequestMemory(this::read);
        requests.load(remembered, allStored);
        return requests;
    }

    private RememberedRequest read(RequestMemory.Place place) {
        byte[] stored = storage.get(key(partition, place.source(), place.index()));
        if (stored == null) {
            throw new IllegalStateException("partition " + partition + " remembers a request of entry " + place.index()
                    + " that its storage does not have");
        }
        try {
            return RememberedRequest.parseFrom(stored);
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(e);
        }
    }

    private StorageException unreadable(InvalidProtocolBufferException cause) {
        return new StorageException("the stored requests of partition " + partition + " can't be read", cause);
    }
}
