package dev.henge.node.snapshot;

import dev.henge.proto.SnapshotFile;
import dev.henge.proto.SnapshotManifest;
import java.util.Arrays;

/** How the files of a manifest are cut into pieces, numbered from 0. */
public final class SnapshotPieces {

    private static final int PIECES_MAX = 1 << 26;

    /**
     * Where a piece stands.
     *
     * @param file its place in the manifest
     * @param offset in the file
     */
    public record Place(int file, long offset, int sizeBytes) {}

    private final SnapshotManifest manifest;
    private final int[] firstOfFile;
    private final int count;

    /** @throws IllegalArgumentException when the manifest makes no sense */
    public SnapshotPieces(SnapshotManifest manifest) {
        this.manifest = manifest;
        this.firstOfFile = new int[manifest.getFilesCount()];
        if (manifest.getPieceBytes() <= 0) {
            throw new IllegalArgumentException("pieces must have a size");
        }
        long total = 0;
        for (int file = 0; file < firstOfFile.length; file++) {
            long sizeBytes = manifest.getFiles(file).getSizeBytes();
            if (sizeBytes <= 0) {
                throw new IllegalArgumentException("files must have a size");
            }
            firstOfFile[file] = (int) total;
            total += Math.ceilDiv(sizeBytes, manifest.getPieceBytes());
            if (total > PIECES_MAX) {
                throw new IllegalArgumentException("there must be no more than " + PIECES_MAX + " pieces");
            }
        }
        this.count = (int) total;
    }

    public int count() {
        return count;
    }

    public long sizeBytes() {
        return manifest.getFilesList().stream()
                .mapToLong(SnapshotFile::getSizeBytes)
                .sum();
    }

    public Place place(int piece) {
        if (piece < 0 || piece >= count) {
            throw new IllegalArgumentException("there is no piece " + piece);
        }
        int found = Arrays.binarySearch(firstOfFile, piece);
        int file = found >= 0 ? found : -found - 2;
        long offset = (long) (piece - firstOfFile[file]) * manifest.getPieceBytes();
        long rest = manifest.getFiles(file).getSizeBytes() - offset;
        return new Place(file, offset, (int) Math.min(rest, manifest.getPieceBytes()));
    }
}
