package dev.henge.node;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real file system of a few megabytes in memory, to be filled. Needs the right to mount; without it, tests are skipped. */
final class SmallFileSystem implements AutoCloseable {

    private final Path directory;

    private SmallFileSystem(Path directory) {
        this.directory = directory;
    }

    static SmallFileSystem mount(Path directory, int megabytes) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        boolean linux = System.getProperty("os.name", "").startsWith("Linux");
        assumeTrue(linux, "a small file system is mounted as tmpfs, which needs Linux");
        String problem =
                run(List.of("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", directory.toString()));
        assumeTrue(problem.isEmpty(), "a small file system can't be mounted (needs root): " + problem);
        return new SmallFileSystem(directory);
    }

    Path directory() {
        return directory;
    }

    /** Takes all space that is left; {@link #free} gives it back. */
    void fill() throws IOException {
        byte[] chunk = new byte[64 << 10];
        try (OutputStream filler = Files.newOutputStream(filler())) {
            while (true) {
                filler.write(chunk);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    void free() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return directory.resolve("filler");
    }

    /** What the command complains of; empty when it succeeded. */
    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor() == 0 ? "" : output.isEmpty() ? "it failed" : output;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        String problem = run(List.of("umount", "-l", directory.toString()));
        if (!problem.isEmpty()) {
            throw new IOException("can't unmount " + directory + ": " + problem);
        }
    }
}
