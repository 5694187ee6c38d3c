package dev.henge.chaos.planted;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles sources with edits in memory. */
final class ChangedClasses {

    private static final List<String> MODULES = List.of("node", "membership", "common-proto", "chaos-tests");

    private ChangedClasses() {}

    /**
     * The classes of the edited files, as they are with the edits, by name.
     *
     * @throws IllegalStateException when an edit does not fit its source, or the result does not compile
     */
    static Map<String, byte[]> compile(List<Edit> edits) {
        Map<String, String> sources = new LinkedHashMap<>();
        for (Edit edit : edits) {
            String source = sources.computeIfAbsent(edit.className(), ChangedClasses::source);
            sources.put(edit.className(), edit.applyTo(source));
        }
        return sources.isEmpty() ? Map.of() : compile(sources);
    }

    private static String source(String className) {
        String file = className.replace('.', '/') + ".java";
        Path root = root();
        for (String module : MODULES) {
            Path candidate = root.resolve(module).resolve("src/main/java").resolve(file);
            if (Files.exists(candidate)) {
                try {
                    return Files.readString(candidate);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        throw new IllegalStateException("no module has a source " + file);
    }

    /** The directory that holds the modules: surefire starts tests in their module's own. */
    private static Path root() {
        Path start = Path.of("").toAbsolutePath();
        return Stream.iterate(start, path -> path != null, Path::getParent)
                .filter(path -> Files.exists(path.resolve("chaos-tests/src/main/java")))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no sources above " + start));
    }

    private static Map<String, byte[]> compile(Map<String, String> sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException("planting a bug takes a JDK: this Java has no compiler");
        }
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((name, source) -> units.add(new Source(name, source)));
        try (StandardJavaFileManager standard = compiler.getStandardFileManager(diagnostics, null, null);
                InMemory files = new InMemory(standard)) {
            List<String> options = List.of(
                    "-proc:none", "-nowarn", "-implicit:none", "-classpath", System.getProperty("java.class.path"));
            if (!compiler.getTask(null, files, diagnostics, options, null, units)
                    .call()) {
                throw new IllegalStateException("does not compile: " + diagnostics.getDiagnostics());
            }
            Map<String, byte[]> classes = new HashMap<>();
            files.written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
            return classes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String className, String text) {
            super(URI.create("string:///" + className.replace('.', '/') + Kind.SOURCE.extension), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
        final Map<String, ByteArrayOutputStream> written = new HashMap<>();

        InMemory(JavaFileManager standard) {
            super(standard);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("bytes:///" + className.replace('.', '/')), kind) {
                @Override
                public OutputStream openOutputStream() {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    written.put(className, bytes);
                    return bytes;
                }
            };
        }
    }
}
