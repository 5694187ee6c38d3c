package dev.henge.chaos.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The walls of ARCHITECTURE.md. Every class of Henge's own is seen, and a floor on their number proves it. */
class ArchitectureTest {

    private static final String OURS = "dev.henge..";
    private static final String[] COMMON_PROTO = {
        "dev.henge.proto..",
        "dev.henge.item..",
        "dev.henge.index..",
        "dev.henge.expression..",
        "dev.henge.catalog..",
        "dev.henge.wire.."
    };
    private static final String[] MEMBERSHIP = {"dev.henge.membership..", "dev.henge.cluster.."};
    private static final String NODE = "dev.henge.node..";
    private static final String ROUTER = "dev.henge.router..";
    private static final String DEPLOY = "dev.henge.deploy..";
    private static final String SAMPLES = "dev.henge.samples..";

    /** What holds the protocol and its data: told the time, given its randomness, never blocked. */
    private static final String[] PURE = {
        "dev.henge.item..",
        "dev.henge.index..",
        "dev.henge.expression..",
        "dev.henge.catalog..",
        "dev.henge.membership..",
        "dev.henge.node.liveness..",
        "dev.henge.node.replication.."
    };

    /** How many classes each package must show at least; well below what is there, well above nothing. */
    private static final Map<String, Integer> FLOORS = Map.of(
            "dev.henge.proto..",
            100,
            "dev.henge.item..",
            10,
            "dev.henge.expression..",
            20,
            "dev.henge.membership..",
            8,
            "dev.henge.membership.plan..",
            20,
            "dev.henge.membership.gossip..",
            20,
            "dev.henge.node.replication..",
            15,
            NODE,
            60,
            ROUTER,
            30,
            DEPLOY,
            20);

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/chaos"))
            .importPackages("dev.henge");

    @Test
    void everyClassIsSeen() {
        FLOORS.forEach((name, floor) -> assertThat(CLASSES.that(resideInAPackage(name)))
                .as("classes in %s", name)
                .hasSizeGreaterThanOrEqualTo(floor));
    }

    @Test
    void everyClassBelongsToAModule() {
        classes()
                .that()
                .resideInAPackage(OURS)
                .should()
                .resideInAnyPackage(concat(
                        COMMON_PROTO, MEMBERSHIP, new String[] {NODE, ROUTER, DEPLOY, "dev.henge.bench..", SAMPLES}))
                .check(CLASSES);
    }

    @Test
    void commonProtoDependsOnNothingOfOurs() {
        dependsAtMostOn(COMMON_PROTO, COMMON_PROTO).check(CLASSES);
    }

    @Test
    void samplesOfClientsDependOnNothingOfOurs() {
        dependsAtMostOn(new String[] {SAMPLES}, new String[] {SAMPLES}).check(CLASSES);
    }

    @Test
    void membershipDependsOnCommonProtoAlone() {
        dependsAtMostOn(MEMBERSHIP, concat(MEMBERSHIP, COMMON_PROTO)).check(CLASSES);
    }

    @Test
    void nodeAndRouterDoNotKnowEachOther() {
        dependsAtMostOn(new String[] {NODE}, concat(new String[] {NODE}, MEMBERSHIP, COMMON_PROTO))
                .check(CLASSES);
        dependsAtMostOn(new String[] {ROUTER}, concat(new String[] {ROUTER}, MEMBERSHIP, COMMON_PROTO))
                .check(CLASSES);
    }

    @Test
    void onlyTheNodesStorageSeesRocksDb() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.henge.node.storage..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.rocksdb..")
                .check(CLASSES);
    }

    @Test
    void protocolCodeTouchesNoClockThreadSocketFileOrRandomness() {
        pureTypes(PURE).check(CLASSES);
        pureCalls(PURE).check(CLASSES);
    }

    /** The item writer's table of seen names is seeded against chosen collisions; no outcome depends on the seed. */
    @Test
    void noOutcomeDependsOnASeedOfItsOwn() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .and()
                .doNotHaveFullyQualifiedName("dev.henge.item.EntryTable")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.SplittableRandom")
                .check(CLASSES);
    }

    @Test
    void thePurityRulesCatchWhatTheyAreFor() {
        JavaClasses impure = new ClassFileImporter().importClasses(Impure.class);
        String here = getClass().getPackageName();

        assertThatThrownBy(() -> pureTypes(here).check(impure))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("java.lang.Thread")
                .hasMessageContaining("java.nio.file.Path");
        assertThatThrownBy(() -> pureCalls(here).check(impure))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("System.nanoTime()")
                .hasMessageContaining("UUID.randomUUID()");
    }

    @Test
    void packagesFormNoCycles() {
        slices().matching("dev.henge.(item|expression|wire|membership|cluster|node|router|deploy|bench)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
        for (String module : List.of("dev.henge.node", "dev.henge.router")) {
            // A module's root package is its front: it starts what is below it and holds what all of that is given.
            slices().matching(module + ".(*)..").should().beFreeOfCycles().check(CLASSES);
        }
    }

    private static ArchRule dependsAtMostOn(String[] packages, String[] allowed) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat(resideInAPackage(OURS).and(not(resideInAnyPackage(allowed))));
    }

    private static ArchRule pureTypes(String... packages) {
        return noClasses().that().resideInAnyPackage(packages).should().dependOnClassesThat(IMPURE_TYPE);
    }

    private static ArchRule pureCalls(String... packages) {
        return noClasses().that().resideInAnyPackage(packages).should().callMethodWhere(IMPURE_CALL);
    }

    private static final DescribedPredicate<JavaClass> IMPURE_TYPE = DescribedPredicate.describe(
            "are a clock, thread, lock, socket, file or source of randomness",
            type -> Set.of(
                                    "java.io.File",
                                    "java.io.FileInputStream",
                                    "java.io.FileOutputStream",
                                    "java.io.FileReader",
                                    "java.io.FileWriter",
                                    "java.io.RandomAccessFile",
                                    "java.lang.Process",
                                    "java.lang.ProcessBuilder",
                                    "java.lang.Thread",
                                    "java.lang.ThreadLocal",
                                    "java.security.SecureRandom",
                                    "java.time.Clock",
                                    "java.util.Random",
                                    "java.util.Timer")
                            .contains(type.getName())
                    || startsWithAny(
                            type.getName(),
                            "java.net.",
                            "java.nio.channels.",
                            "java.nio.file.",
                            "java.util.concurrent.",
                            "java.util.random.",
                            "io.grpc.",
                            "io.netty.",
                            "org.rocksdb."));

    private static final DescribedPredicate<JavaCall<?>> IMPURE_CALL =
            DescribedPredicate.describe("the clock or a source of randomness is read", call -> {
                String owner = call.getTargetOwner().getName();
                String method = call.getName();
                return switch (owner) {
                    case "java.lang.System" ->
                        Set.of("nanoTime", "currentTimeMillis").contains(method);
                    case "java.lang.Math", "java.lang.StrictMath" -> method.equals("random");
                    case "java.util.UUID" -> method.equals("randomUUID");
                    case "java.util.Collections" -> method.equals("shuffle");
                    case "java.lang.Object" ->
                        Set.of("wait", "notify", "notifyAll").contains(method);
                    default -> owner.startsWith("java.time.") && method.equals("now");
                };
            });

    private static boolean startsWithAny(String name, String... prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    private static String[] concat(String[]... arrays) {
        return Arrays.stream(arrays).flatMap(Arrays::stream).toArray(String[]::new);
    }
}
