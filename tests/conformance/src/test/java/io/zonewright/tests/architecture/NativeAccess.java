package io.zonewright.tests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Set;

/** The restricted methods of Java (JEP 454, JEP 472), and whoever leads to them. */
final class NativeAccess {
    private static final Set<Class<?>> WHOLLY = Set.of(Linker.class, SymbolLookup.class);
    private static final Set<String> LOADERS = Set.of("load", "loadLibrary");

    static final ArchRule ONLY_IN_POSIX = noClasses()
            .that()
            .resideOutsideOfPackage("io.zonewright.posix..")
            .should()
            .callMethodWhere(DescribedPredicate.describe("the method is restricted", NativeAccess::restricted));

    private NativeAccess() {}

    private static boolean restricted(JavaMethodCall call) {
        var owner = call.getTargetOwner();
        String name = call.getName();
        boolean loads = owner.isEquivalentTo(System.class) || owner.isEquivalentTo(Runtime.class);
        return WHOLLY.stream().anyMatch(owner::isEquivalentTo)
                || (owner.isEquivalentTo(MemorySegment.class) && name.equals("reinterpret"))
                || (owner.isEquivalentTo(AddressLayout.class) && name.equals("withTargetLayout"))
                || (loads && LOADERS.contains(name));
    }

    /** Does everything that is forbidden; only looked at, never run. */
    static final class Offender {
        private Offender() {}

        static long offend(MemorySegment segment) {
            System.loadLibrary("none");
            Linker.nativeLinker();
            return segment.reinterpret(1).byteSize();
        }
    }
}
