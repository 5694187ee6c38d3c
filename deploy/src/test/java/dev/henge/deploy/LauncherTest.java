package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the real ./henge and ./mvnw in a project made up for it, with JDKs, a Maven and a PATH made up as well. */
@Timeout(120)
class LauncherTest {

    private static final String NO_JDK = "Henge needs a JDK 25 or newer to build and run; install Temurin 25 or your"
            + " system's openjdk-25 package, or set JAVA_HOME to one.\n";

    @TempDir
    Path root = Path.of("");

    private Path project = Path.of("");
    private Path jdks = Path.of("");

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void makeProject() throws IOException {
        Path real = Path.of(System.getProperty("basedir", ""), "..");
        project = Files.createDirectories(root.resolve("the project"));
        jdks = Files.createDirectories(root.resolve("jdks"));
        Files.createDirectories(project.resolve(".mvn/wrapper"));
        for (String file : List.of("henge", ".mvn/find-jdk.sh")) {
            Files.copy(real.resolve(file), project.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        // Stands for the build: notes its arguments, leaves what the launcher runs.
        script(project.resolve("mvnw"), """
                echo "$@" >> builds
                [ ! -f broken ] || { echo "the compiler's words"; exit 1; }
                mkdir -p deploy/target/lib common-proto/target/classes
                touch deploy/target/deploy-1.jar""");
        Files.createDirectories(project.resolve("node/src/main"));
        for (String file : List.of("pom.xml", "node/pom.xml", "node/src/main/Some.java")) {
            Files.createFile(project.resolve(file));
            age(file, 60);
        }
    }

    @Test
    void withoutAJdkItSaysWhatToInstall() throws Exception {
        jdk("17", "17.0.15");

        assertThat(henge("dev")).isEqualTo(new Ran(1, "", "henge: " + NO_JDK));
    }

    @Test
    void aRuntimeWithoutACompilerIsNoJdk() throws Exception {
        Files.delete(jdk("jre", "25.0.3").resolve("bin/javac"));

        assertThat(henge("dev").err()).isEqualTo("henge: " + NO_JDK);
    }

    @Test
    void theJdkOfJavaHomeComesFirst() throws Exception {
        jdk("a", "25.0.3");
        Path chosen = jdk("b", "26");

        assertThat(run(project.resolve("henge"), Map.of("JAVA_HOME", chosen.toString()), "version")
                        .out())
                .startsWith("java of b:");
    }

    @Test
    void anOldJavaHomeIsPassedOver() throws Exception {
        Path old = jdk("old", "17.0.15");
        jdk("a", "25.0.3");

        assertThat(run(project.resolve("henge"), Map.of("JAVA_HOME", old.toString()), "version")
                        .out())
                .startsWith("java of a:");
    }

    @Test
    void itBuildsOnceAndPassesTheArgumentsOn() throws Exception {
        jdk("a", "25");

        Ran first = henge("dev", "--data", "some where");
        Ran second = henge("status");

        assertThat(first.code()).isZero();
        assertThat(first.err()).isEqualTo("Building Henge; this is done once and takes a minute or two.\n");
        assertThat(first.out()).contains(" dev.henge.deploy.Henge [dev] [--data] [some where]");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void itBuildsAgainWhenASourceIsNewerThanTheBuild() throws Exception {
        jdk("a", "25");
        henge("version");
        age("deploy/target/henge.built", 30);
        age("node/src/main/Some.java", 10);

        Ran ran = henge("version");

        assertThat(ran.err()).isEqualTo("Henge's sources have changed; building it again.\n");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void aBuildThatFailsIsTriedFromCleanAndThenShown() throws Exception {
        jdk("a", "25");
        henge("version");
        age("deploy/target/henge.built", 30);
        age("node/src/main/Some.java", 10);
        Files.createFile(project.resolve("broken"));

        Ran ran = henge("version");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains("the compiler's words", "henge: the build failed");
        assertThat(Files.readAllLines(project.resolve("builds")).getLast()).endsWith("clean package");
        assertThat(project.resolve(".henge-build.lock")).doesNotExist();
    }

    @Test
    void aLockLeftByAProcessThatIsGoneIsTakenOver() throws Exception {
        jdk("a", "25");
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        Files.createDirectories(project.resolve(".henge-build.lock"));
        Files.writeString(project.resolve(".henge-build.lock/pid"), Long.toString(gone.pid()));

        assertThat(henge("version").code()).isZero();
    }

    @Test
    void itIsFoundThroughALinkFromAnyDirectory() throws Exception {
        jdk("a", "25");
        Path link = Files.createSymbolicLink(root.resolve("link"), Path.of("the project/henge"));

        Ran ran = run(link, Map.of(), "version");

        assertThat(ran.code()).isZero();
        assertThat(ran.out())
                .contains("-Dhenge.launcher=" + project.toRealPath().resolve("henge"));
    }

    @Test
    void moreFlagsForTheJvmComeLast() throws Exception {
        jdk("a", "25");

        Ran ran = run(project.resolve("henge"), Map.of("HENGE_JAVA_OPTS", "-Xmx2g -Dx=y"), "node");

        assertThat(ran.out()).containsSubsequence("[-Xmx512m]", "[-Xmx2g] [-Dx=y]", "[-cp]");
    }

    @Test
    void theWrapperRefusesAMavenWithTheWrongChecksum() throws Exception {
        jdk("a", "25");
        Path bin = wrapperWithMavenOf("something else");

        Ran ran =
                run(project.resolve("mvnw"), Map.of("PATH", bin + ":/usr/bin:/bin", "HOME", root.toString()), "verify");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err())
                .contains("mvnw: Maven 3.9.11 from the repository of the mvn on the PATH has the wrong checksum");
        assertThat(root.resolve(".m2/wrapper/dists/apache-maven-3.9.11/" + "03e2d65d4483a339"))
                .doesNotExist();
    }

    @Test
    void theWrapperRunsTheMavenOfItsCacheOnTheJdkItFound() throws Exception {
        Path chosen = jdk("a", "25");
        wrapperWithMavenOf("unused");
        script(
                root.resolve(".m2/wrapper/dists/apache-maven-3.9.11/03e2d65d4483a339/bin/mvn"),
                "echo \"$JAVA_HOME runs $*\"");

        Ran ran = run(project.resolve("mvnw"), Map.of("HOME", root.toString()), "-q", "verify");

        assertThat(ran.out()).isEqualTo(chosen + " runs -q verify\n");
    }

    @Test
    void theWrapperSaysWhatToInstallToo() throws Exception {
        wrapperWithMavenOf("unused");

        assertThat(run(project.resolve("mvnw"), Map.of("HOME", root.toString()), "verify"))
                .isEqualTo(new Ran(1, "", "mvnw: " + NO_JDK));
    }

    /** Puts the real wrapper in place; returns a folder with an mvn that "fetches" a zip of that content. */
    private Path wrapperWithMavenOf(String zip) throws IOException {
        Path real = Path.of(System.getProperty("basedir", ""), "..");
        for (String file : List.of("mvnw", ".mvn/wrapper/maven-wrapper.properties")) {
            Files.copy(
                    real.resolve(file),
                    project.resolve(file),
                    StandardCopyOption.COPY_ATTRIBUTES,
                    StandardCopyOption.REPLACE_EXISTING);
        }
        Path bin = root.resolve("bin");
        script(
                bin.resolve("mvn"),
                "for last; do :; done\nprintf '" + zip
                        + "' > \"${last#-DoutputDirectory=}/apache-maven-3.9.11-bin.zip\"");
        return bin;
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = jdks.resolve(name);
        script(home.resolve("bin/javac"), "exit 0");
        script(
                home.resolve("bin/java"),
                "printf 'java of " + name
                        + ":'; printf ' [%s]' \"$@\" | sed 's/ \\[dev.henge.deploy.Henge\\]/ dev.henge.deploy.Henge/'; echo");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Someone\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private static void script(Path path, String body) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void age(String file, long seconds) throws IOException {
        Files.setLastModifiedTime(
                project.resolve(file), FileTime.from(Instant.now().minusSeconds(seconds)));
    }

    private long builds() throws IOException {
        try (var lines = Files.lines(project.resolve("builds"))) {
            return lines.count();
        }
    }

    private Ran henge(String... arguments) throws Exception {
        return run(project.resolve("henge"), Map.of(), arguments);
    }

    private Ran run(Path program, Map<String, String> environment, String... arguments) throws Exception {
        Path out = root.resolve("out.txt");
        Path err = root.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder()
                .directory(root.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.command().add(program.toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().clear();
        builder.environment().put("PATH", toolsWithoutJava());
        builder.environment().put("HOME", root.toString());
        builder.environment().put("HENGE_JDK_ROOTS", jdks.toString());
        builder.environment().putAll(environment);
        int code = builder.start().waitFor();
        return new Ran(
                code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    /** A PATH with what the scripts use and no java: the machine's own would be found. */
    private String toolsWithoutJava() throws IOException {
        Path tools = root.resolve("tools");
        if (Files.exists(tools)) {
            return tools.toString();
        }
        Files.createDirectories(tools);
        for (String tool : List.of(
                "sh",
                "sed",
                "dirname",
                "ls",
                "readlink",
                "find",
                "head",
                "mkdir",
                "mktemp",
                "rm",
                "cat",
                "cp",
                "mv",
                "sleep",
                "touch",
                "chmod",
                "cut",
                "sha512sum",
                "shasum",
                "openssl")) {
            for (String folder : List.of("/usr/bin", "/bin")) {
                if (Files.isExecutable(Path.of(folder, tool))) {
                    Files.createSymbolicLink(tools.resolve(tool), Path.of(folder, tool));
                    break;
                }
            }
        }
        return tools.toString();
    }
}
