package dev.henge.node.storage;

/**
 * A file that a {@link StorageEngine.Export} wrote.
 *
 * @param name in {@link StorageEngine#snapshotFiles()}
 * @param checksum CRC-32C of all its bytes
 */
public record ExportedFile(String name, long sizeBytes, int checksum) {}
