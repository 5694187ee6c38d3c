package dev.henge.node.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A directory of the operating system's file system. */
public final class FileSystemDisk implements Disk {

    private FileSystemDisk() {}

    /** Opens the directory, made if it is not there. */
    public static FileSystemDisk open(Path directory) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The same, but every sync does nothing: for ephemeral clusters and tests alone. */
    public static FileSystemDisk openUnsynced(Path directory) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> list() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public DiskFile create(String name, long sizeBytes) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public DiskFile open(String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void rename(String from, String to) throws IOException {}

    @Override
    public void delete(String name) throws IOException {}

    @Override
    public void syncDirectory() throws IOException {}
}
