package io.zonewright.daemon.plugin;

import io.zonewright.api.spi.BackendExtension;
import io.zonewright.api.spi.FrontendExtension;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The front- and back-ends there are, by the words that choose them in the YAML. Changed only while plugins load. */
public final class Catalogue {
    private final Map<String, Contribution<BackendExtension>> backends = new TreeMap<>();
    private final Map<String, Map<String, Contribution<FrontendExtension>>> frontends = new TreeMap<>();

    /** Adds a back-end; returns the one that has its type already, and adds nothing, if there is one. */
    public Optional<Contribution<BackendExtension>> add(String pluginId, BackendExtension extension) {
        return Optional.ofNullable(backends.putIfAbsent(extension.type(), new Contribution<>(pluginId, extension)));
    }

    /** Likewise for a front-end, by type and transport. */
    public Optional<Contribution<FrontendExtension>> add(String pluginId, FrontendExtension extension) {
        return Optional.ofNullable(frontends
                .computeIfAbsent(extension.type(), _ -> new TreeMap<>())
                .putIfAbsent(extension.transport(), new Contribution<>(pluginId, extension)));
    }

    /** Forgets everything that a plugin brought. */
    void remove(String pluginId) {
        backends.values().removeIf(entry -> entry.pluginId().equals(pluginId));
        frontends
                .values()
                .forEach(carriers ->
                        carriers.values().removeIf(entry -> entry.pluginId().equals(pluginId)));
        frontends.values().removeIf(Map::isEmpty);
    }

    public Optional<Contribution<BackendExtension>> backend(String type) {
        return Optional.ofNullable(backends.get(type));
    }

    public Optional<Contribution<FrontendExtension>> frontend(String type, String transport) {
        return Optional.ofNullable(transports(type).get(transport));
    }

    /** The carriers of a front-end's type, by their words; empty if there is no such type. */
    public Map<String, Contribution<FrontendExtension>> transports(String type) {
        return Collections.unmodifiableMap(frontends.getOrDefault(type, Map.of()));
    }

    public Set<String> backendTypes() {
        return Collections.unmodifiableSet(backends.keySet());
    }

    public Set<String> frontendTypes() {
        return Collections.unmodifiableSet(frontends.keySet());
    }

    public Collection<Contribution<BackendExtension>> backends() {
        return Collections.unmodifiableCollection(backends.values());
    }

    public List<Contribution<FrontendExtension>> frontends() {
        return frontends.values().stream()
                .flatMap(carriers -> carriers.values().stream())
                .toList();
    }
}
