package io.zonewright.tests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** The table "Modules" of the design, a rule a row. Rules fail when they find nothing to look at. */
class DependenciesTest {
    private static final String API = "io.zonewright.api..";
    private static final String POSIX = "io.zonewright.posix..";
    private static final String ENGINE = "io.zonewright.engine..";
    private static final String RUNTIME = "io.zonewright.runtime..";
    /** The JDK's count of what a thread has allocated. */
    private static final String ALLOCATION = "com.sun.management..";

    private static final String VIRTIO = "io.zonewright.virtio..";
    private static final String VHOST_USER = "io.zonewright.vhostuser..";
    private static final String VFIO_USER = "io.zonewright.vfiouser..";
    private static final String NET = "io.zonewright.net..";
    private static final String NVME_CORE = "io.zonewright.frontend.nvme.command..";
    private static final String NVME_TCP = "io.zonewright.frontend.nvme.tcp..";
    private static final String NVME_PCIE = "io.zonewright.frontend.nvme.vfiouser..";
    private static final String VIRTIO_BLK = "io.zonewright.frontend.virtioblk..";
    private static final String DAEMON = "io.zonewright.daemon..";
    private static final String FRONTENDS = "io.zonewright.frontend..";
    private static final String BACKENDS = "io.zonewright.backend..";
    private static final String JAVA = "java..";
    private static final String ANNOTATIONS = "org.jspecify..";
    private static final String LOGGING = "org.slf4j..";
    private static final String PLUGINS = "org.pf4j..";

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.zonewright");

    private static ArchRule only(String whose, String... allowed) {
        return classes()
                .that()
                .resideInAPackage(whose)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed);
    }

    @Test
    void apiNeedsNothingButThePluginAndLoggingInterfaces() {
        only(API, API, JAVA, ANNOTATIONS, LOGGING, PLUGINS).check(ALL);
    }

    @Test
    void posixNeedsNothing() {
        only(POSIX, POSIX, JAVA, ANNOTATIONS).check(ALL);
    }

    @Test
    void engineNeedsTheApi() {
        only(ENGINE, ENGINE, API, JAVA, ANNOTATIONS, LOGGING).check(ALL);
    }

    @Test
    void runtimeNeedsApiAndPosix() {
        only(RUNTIME, RUNTIME, API, POSIX, JAVA, ALLOCATION, ANNOTATIONS, LOGGING)
                .check(ALL);
    }

    @Test
    void vhostUserNeedsApiPosixAndRuntime() {
        only(VHOST_USER, VHOST_USER, VIRTIO, API, POSIX, RUNTIME, JAVA, ANNOTATIONS, LOGGING)
                .check(ALL);
    }

    @Test
    void frontEndsNeedTheirCarrierAndNoEngine() {
        only(
                        FRONTENDS,
                        FRONTENDS,
                        API,
                        POSIX,
                        RUNTIME,
                        NET,
                        VIRTIO,
                        VHOST_USER,
                        VFIO_USER,
                        JAVA,
                        "javax.crypto..",
                        ANNOTATIONS,
                        LOGGING,
                        PLUGINS)
                .check(ALL);
    }

    @Test
    void nvmeCommandsNeedTheApiAlone() {
        only(NVME_CORE, NVME_CORE, API, JAVA, ANNOTATIONS, LOGGING).check(ALL);
    }

    @Test
    void nvmeOverTcpNeedsTheCommandsAndTheNetwork() {
        only(
                        NVME_TCP,
                        NVME_TCP,
                        NVME_CORE,
                        API,
                        POSIX,
                        RUNTIME,
                        NET,
                        JAVA,
                        "javax.crypto..",
                        ANNOTATIONS,
                        LOGGING,
                        PLUGINS)
                .check(ALL);
    }

    @Test
    void nvmeOverVfioUserNeedsTheCommandsAndTheCarrier() {
        only(NVME_PCIE, NVME_PCIE, NVME_CORE, API, POSIX, RUNTIME, VFIO_USER, JAVA, ANNOTATIONS, LOGGING, PLUGINS)
                .check(ALL);
    }

    @Test
    void noFrontEndKnowsAnother() {
        noClasses()
                .that()
                .resideInAPackage("io.zonewright.frontend.nvme..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(VIRTIO_BLK)
                .check(ALL);
        noClasses()
                .that()
                .resideInAPackage(VIRTIO_BLK)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.zonewright.frontend.nvme..")
                .check(ALL);
    }

    @Test
    void theCarriersDoNotKnowEachOther() {
        only(VFIO_USER, VFIO_USER, VIRTIO, API, POSIX, RUNTIME, JAVA, ANNOTATIONS, LOGGING)
                .check(ALL);
        only(NET, NET, API, POSIX, RUNTIME, JAVA, ANNOTATIONS, LOGGING).check(ALL);
        only(VIRTIO, VIRTIO, API, POSIX, RUNTIME, JAVA, ANNOTATIONS, LOGGING).check(ALL);
    }

    @Test
    void backEndsKnowNoFrontEndAndNoCarrier() {
        only(BACKENDS, BACKENDS, API, ENGINE, POSIX, RUNTIME, JAVA, ANNOTATIONS, LOGGING, PLUGINS)
                .check(ALL);
    }

    @Test
    void coreKnowsNeitherFrontNorBackEnds() {
        noClasses()
                .that()
                .resideInAnyPackage(API, POSIX, ENGINE, RUNTIME, NET, VIRTIO, VHOST_USER, VFIO_USER, DAEMON)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(FRONTENDS, BACKENDS)
                .check(ALL);
    }

    @Test
    void testDriversShareNothingWithTheDevicesTheyTest() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.zonewright.testkit.guest..",
                        "io.zonewright.testkit.vhostuser..",
                        "io.zonewright.testkit.virtio..",
                        "io.zonewright.testkit.vfiouser..",
                        "io.zonewright.testkit.nvme..",
                        "io.zonewright.testkit.blk..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(VHOST_USER, VFIO_USER, VIRTIO, NET, RUNTIME, ENGINE, FRONTENDS, BACKENDS)
                .check(ALL);
    }

    @Test
    void onlyPosixCallsNativeCode() {
        NativeAccess.ONLY_IN_POSIX.check(ALL);
    }

    @Test
    void theRuleAboutNativeCodeFindsAnOffender() {
        JavaClasses offender = new ClassFileImporter().importClasses(NativeAccess.Offender.class);
        String report =
                NativeAccess.ONLY_IN_POSIX.evaluate(offender).getFailureReport().toString();
        assertTrue(report.contains("MemorySegment.reinterpret"), report);
        assertTrue(report.contains("Linker.nativeLinker"), report);
        assertTrue(report.contains("System.loadLibrary"), report);
    }
}
