package io.zonewright.frontend.scsi.iscsi.chap;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Those who may log in, by name. Immutable. */
public final class ChapUsers {
    /** Nobody has to prove anything. */
    public static final ChapUsers NONE = new ChapUsers(List.of());

    private final Map<String, ChapUser> users;

    /** @throws IllegalArgumentException if a name occurs twice */
    public ChapUsers(List<ChapUser> all) {
        Map<String, ChapUser> byName = new LinkedHashMap<>();
        for (ChapUser user : all) {
            if (byName.put(user.name(), user) != null) {
                throw new IllegalArgumentException(user.name() + " is named twice");
            }
        }
        users = Map.copyOf(byName);
    }

    public boolean isEmpty() {
        return users.isEmpty();
    }

    public int size() {
        return users.size();
    }

    /** The user of this name; null if there is none. */
    public @Nullable ChapUser find(String name) {
        return users.get(name);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ChapUsers that && users.equals(that.users);
    }

    @Override
    public int hashCode() {
        return users.hashCode();
    }

    @Override
    public String toString() {
        return users.size() + " users";
    }
}
