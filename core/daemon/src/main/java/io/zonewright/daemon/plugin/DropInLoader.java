package io.zonewright.daemon.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Classes of one drop-in plugin. Parent-first for the JDK and for {@link HostClasses}, which the archive cannot
 * replace; then the archive itself; then the plugins it depends on. The host's other libraries are out of sight, so a
 * plugin may bring any version of them.
 *
 * <p>The loader's classes belong to its unnamed module, which has no native access.
 */
final class DropInLoader extends URLClassLoader {
    static {
        registerAsParallelCapable();
    }

    private final ClassLoader host;
    private final Supplier<List<ClassLoader>> dependencies;

    /**
     * A loader.
     *
     * @param roots jars and directories of the plugin
     * @param host where {@link HostClasses} come from
     * @param dependencies loaders of the plugins that this one depends on
     */
    DropInLoader(String name, List<URL> roots, ClassLoader host, Supplier<List<ClassLoader>> dependencies) {
        super("plugin-" + name, roots.toArray(URL[]::new), getPlatformClassLoader());
        this.host = host;
        this.dependencies = dependencies;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (HostClasses.contains(name)) {
            return host.loadClass(name);
        }
        try {
            return super.loadClass(name, resolve);
        } catch (ClassNotFoundException e) {
            for (ClassLoader dependency : dependencies.get()) {
                try {
                    return dependency.loadClass(name);
                } catch (ClassNotFoundException alsoMissing) {
                    e.addSuppressed(alsoMissing);
                }
            }
            throw e;
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        if (HostClasses.containsEntry(name)) {
            return host.getResource(name);
        }
        URL own = super.getResource(name);
        return own != null
                ? own
                : dependencies.get().stream()
                        .map(dependency -> dependency.getResource(name))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        if (HostClasses.containsEntry(name)) {
            return host.getResources(name);
        }
        List<URL> all = new ArrayList<>(Collections.list(super.getResources(name)));
        for (ClassLoader dependency : dependencies.get()) {
            all.addAll(Collections.list(dependency.getResources(name)));
        }
        return Collections.enumeration(all);
    }
}
