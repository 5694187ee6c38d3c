package dev.henge.node.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.node.log.Disk;
import dev.henge.proto.SnapshotFile;
import dev.henge.proto.SnapshotManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot that is being received: its files as far as they are there, and beside them, durable, the manifest and the
 * number of pieces from the first on that are there. Used by one thread at a time, never by an event loop.
 *
 * <p>One per partition: the names of its files begin with {@link #prefix}.
 */
public final class StagedSnapshot implements AutoCloseable {

    /** What a step of {@link #verifySome} found. */
    public enum Verdict {
        /** Nothing wrong so far; go on. */
        OPEN,
        /** All files match their checksums. */
        SOUND,
        /** A file does not match its checksum. */
        DAMAGED
    }

    private static final int CHECKSUM_BYTES = Integer.BYTES;

    private final Disk disk;
    private final int partition;
    private final SnapshotManifest manifest;
    private final SnapshotPieces pieces;
    private final long syncBytes;
    private final BitSet received = new BitSet();
    private final Map<Integer, Disk.DiskFile> open = new HashMap<>();
    private final Set<Integer> unsynced = new HashSet<>();
    private int receivedCount;
    private boolean consumed;
    private long bytesSinceSync;
    private int verifyingFile;
    private long verifyingOffset;
    private CRC32C verifyingChecksum = new CRC32C();

    private StagedSnapshot(Disk disk, int partition, SnapshotManifest manifest, long syncBytes) {
        this.disk = disk;
        this.partition = partition;
        this.manifest = manifest;
        this.pieces = new SnapshotPieces(manifest);
        this.syncBytes = syncBytes;
    }

    /**
     * Goes on with what is staged of this manifest, or deletes what is staged of another one and begins.
     *
     * @param syncBytes how much may come between two syncs
     */
    public static StagedSnapshot open(Disk disk, int partition, SnapshotManifest manifest, long syncBytes)
            throws IOException {
        StagedSnapshot staged = new StagedSnapshot(disk, partition, manifest, syncBytes);
        try {
            if (manifest.equals(readManifest(disk, partition))) {
                staged.recover();
            } else {
                staged.begin();
            }
            return staged;
        } catch (IOException | RuntimeException e) {
            staged.close();
            throw e;
        }
    }

    /** What a restart finds staged, whatever its manifest; empty where there is nothing. */
    public static Optional<StagedSnapshot> reopen(Disk disk, int partition, long syncBytes) throws IOException {
        SnapshotManifest manifest = readManifest(disk, partition);
        return manifest == null ? Optional.empty() : Optional.of(open(disk, partition, manifest, syncBytes));
    }

    /** Deletes everything that is staged for the partition. */
    public static void delete(Disk disk, int partition) throws IOException {
        // The manifest goes first: without it nothing else counts.
        String manifestName = manifestName(partition);
        List<String> names = new ArrayList<>(disk.list());
        if (names.remove(manifestName)) {
            disk.delete(manifestName);
            disk.syncDirectory();
        }
        for (String name : names) {
            if (name.startsWith(prefix(partition))) {
                disk.delete(name);
            }
        }
    }

    /** What the names of all files staged for a partition begin with. */
    static String prefix(int partition) {
        return "staged-" + partition + "-";
    }

    private static String manifestName(int partition) {
        return prefix(partition) + "manifest";
    }

    private static String progressName(int partition) {
        return prefix(partition) + "progress";
    }

    private String fileName(int file) {
        return prefix(partition) + file + ".sst";
    }

    private static @Nullable SnapshotManifest readManifest(Disk disk, int partition) throws IOException {
        if (!disk.list().contains(manifestName(partition))) {
            return null;
        }
        byte[] content = readChecked(disk, manifestName(partition));
        try {
            return content == null ? null : SnapshotManifest.parseFrom(content);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private void begin() throws IOException {
        delete(disk, partition);
        writeChecked(disk, progressName(partition), progressBytes());
        writeChecked(disk, manifestName(partition), manifest.toByteArray());
        disk.syncDirectory();
    }

    private void recover() throws IOException {
        Set<String> names = Set.copyOf(disk.list());
        byte[] progress = names.contains(progressName(partition)) ? readChecked(disk, progressName(partition)) : null;
        if (progress == null || progress.length != Integer.BYTES) {
            begin();
            return;
        }
        int noted = ByteBuffer.wrap(progress).getInt();
        while (receivedCount < noted && receivedCount < pieces.count() && isThere(receivedCount, names)) {
            received.set(receivedCount);
            receivedCount++;
        }
        consumed = noted == pieces.count() && !names.containsAll(fileNames());
    }

    /** Its file reaches that far; whether the bytes are right is found out in the end. */
    private boolean isThere(int piece, Set<String> names) throws IOException {
        SnapshotPieces.Place place = pieces.place(piece);
        return names.contains(fileName(place.file()))
                && file(place.file()).sizeBytes() >= place.offset() + place.sizeBytes();
    }

    public SnapshotManifest manifest() {
        return manifest;
    }

    /** How many pieces from the first on are there. */
    public int receivedCount() {
        return receivedCount;
    }

    public boolean complete() {
        return receivedCount == pieces.count();
    }

    /** Whether all of it was there, and a storage has taken it in since: nothing else makes its files go before its manifest. */
    public boolean consumed() {
        return consumed;
    }

    /** Takes in a piece; false when it is not the piece that it should be. */
    public boolean write(int piece, ByteString content, int checksum) throws IOException {
        SnapshotPieces.Place place = pieces.place(piece);
        if (content.size() != place.sizeBytes() || checksum(content) != checksum) {
            return false;
        }
        if (received.get(piece)) {
            return true;
        }
        file(place.file()).write(content.asReadOnlyByteBuffer(), place.offset());
        unsynced.add(place.file());
        bytesSinceSync += content.size();
        received.set(piece);
        receivedCount = received.nextClearBit(0);
        if (bytesSinceSync >= syncBytes || complete()) {
            sync();
        }
        return true;
    }

    /** CRC-32C of a piece's content. */
    public static int checksum(ByteString content) {
        CRC32C checksum = new CRC32C();
        for (ByteBuffer part : content.asReadOnlyByteBufferList()) {
            checksum.update(part);
        }
        return (int) checksum.getValue();
    }

    private void sync() throws IOException {
        for (int file : unsynced) {
            file(file).sync();
        }
        unsynced.clear();
        disk.syncDirectory();
        writeChecked(disk, progressName(partition), progressBytes());
        bytesSinceSync = 0;
    }

    private byte[] progressBytes() {
        return ByteBuffer.allocate(Integer.BYTES).putInt(receivedCount).array();
    }

    /** Reads some more of what is staged back, once it is complete, and compares whole files with their checksums. */
    public Verdict verifySome(int bytesMax) throws IOException {
        if (verifyingFile == manifest.getFilesCount()) {
            return Verdict.SOUND;
        }
        SnapshotFile expected = manifest.getFiles(verifyingFile);
        Disk.DiskFile file = file(verifyingFile);
        if (file.sizeBytes() != expected.getSizeBytes()) {
            return Verdict.DAMAGED;
        }
        ByteBuffer window = ByteBuffer.allocate((int) Math.min(bytesMax, expected.getSizeBytes() - verifyingOffset));
        verifyingOffset += file.read(window, verifyingOffset);
        verifyingChecksum.update(window.flip());
        if (verifyingOffset < expected.getSizeBytes()) {
            return Verdict.OPEN;
        }
        if ((int) verifyingChecksum.getValue() != expected.getChecksum()) {
            return Verdict.DAMAGED;
        }
        verifyingFile++;
        verifyingOffset = 0;
        verifyingChecksum = new CRC32C();
        return verifyingFile == manifest.getFilesCount() ? Verdict.SOUND : Verdict.OPEN;
    }

    /** The files' names, in the manifest's order. */
    public List<String> fileNames() {
        return IntStream.range(0, manifest.getFilesCount())
                .mapToObj(this::fileName)
                .toList();
    }

    private Disk.DiskFile file(int number) throws IOException {
        Disk.DiskFile file = open.get(number);
        if (file == null) {
            String name = fileName(number);
            file = disk.list().contains(name) ? disk.open(name) : disk.create(name, 0);
            open.put(number, file);
        }
        return file;
    }

    /** Closes its files; what is staged stays. */
    @Override
    public void close() throws IOException {
        for (Disk.DiskFile file : open.values()) {
            file.close();
        }
        open.clear();
    }

    /** Writes a small file anew: its content and a checksum of it. */
    private static void writeChecked(Disk disk, String name, byte[] content) throws IOException {
        CRC32C checksum = new CRC32C();
        checksum.update(content);
        ByteBuffer bytes = ByteBuffer.allocate(content.length + CHECKSUM_BYTES)
                .put(content)
                .putInt((int) checksum.getValue())
                .flip();
        try (Disk.DiskFile file = disk.list().contains(name) ? disk.open(name) : disk.create(name, 0)) {
            file.write(bytes, 0);
            file.sync();
        }
    }

    /** Null when the file is not as it was written. */
    private static byte @Nullable [] readChecked(Disk disk, String name) throws IOException {
        try (Disk.DiskFile file = disk.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.sizeBytes()));
            file.read(bytes, 0);
            bytes.flip();
            if (bytes.remaining() < CHECKSUM_BYTES) {
                return null;
            }
            byte[] content = new byte[bytes.remaining() - CHECKSUM_BYTES];
            bytes.get(content);
            CRC32C checksum = new CRC32C();
            checksum.update(content);
            return (int) checksum.getValue() == bytes.getInt() ? content : null;
        }
    }
}
