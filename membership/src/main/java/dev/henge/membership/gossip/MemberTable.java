package dev.henge.membership.gossip;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All members as this one knows them, and the rules by which what others say changes that. Each of a member's three parts
 * (status with address, profile, load) is ordered by itself: the newest wins, whatever way it came, however often.
 */
final class MemberTable {

    /** So often another process may go by this member's id before that is no leftover of an earlier life. */
    private static final int CLASHES_EXPECTED = 3;

    private final GossipSettings settings;
    private final LocalHealth health;
    private final Suspicion suspicion;
    private final News news;
    private final GossipCount count;
    private final MemberState self;
    private final NavigableMap<UUID, MemberState> members = new TreeMap<>(GossipCodec.ID_ORDER);
    private final Set<MemberState> suspects = new LinkedHashSet<>();

    /** Dead and left, those longest so first. */
    private final Set<MemberState> gone = new LinkedHashSet<>();

    private @Nullable List<MemberState> presentOthers;
    private @Nullable Members view;
    private int clashes;
    private List<MemberState> arrived = new ArrayList<>();
    private List<MemberEvent> events = new ArrayList<>();
    private List<GossipNotice> notices = new ArrayList<>();

    MemberTable(
            GossipSettings settings,
            LocalHealth health,
            Suspicion suspicion,
            News news,
            GossipCount count,
            MemberState self) {
        this.settings = settings;
        this.health = health;
        this.suspicion = suspicion;
        this.news = news;
        this.count = count;
        this.self = self;
        members.put(self.id, self);
    }

    // ---- reading ------------------------------------------------------------------------------------------------

    MemberState self() {
        return self;
    }

    @Nullable
    MemberState find(UUID id) {
        return members.get(id);
    }

    NavigableMap<UUID, MemberState> all() {
        return Collections.unmodifiableNavigableMap(members);
    }

    Collection<MemberState> gone() {
        return Collections.unmodifiableCollection(gone);
    }

    boolean isFull() {
        return members.size() >= settings.membersMax() && gone.isEmpty();
    }

    /** The others that are thought to be there; in the order of their ids. */
    List<MemberState> presentOthers() {
        List<MemberState> present = presentOthers;
        if (present == null) {
            present = members.values().stream()
                    .filter(member -> member != self && member.status.isPresent())
                    .toList();
            presentOthers = present;
        }
        return present;
    }

    /** This one included. */
    int presentCount() {
        return presentOthers().size() + 1;
    }

    /** The profile that this member goes by. */
    MemberProfile ownProfile() {
        MemberProfile profile = self.profile;
        if (profile == null) {
            throw new IllegalStateException("this member has no profile");
        }
        return profile;
    }

    Members view() {
        Members current = view;
        if (current == null) {
            Map<UUID, Member> shown = new TreeMap<>(GossipCodec.ID_ORDER);
            for (MemberState member : members.values()) {
                if (member.profile != null) {
                    shown.put(member.id, member.view());
                }
            }
            current = new Members(self.view(), Collections.unmodifiableMap(shown));
            view = current;
        }
        return current;
    }

    /** When {@link #expire} has something to do. */
    long nextMillis() {
        long next = Long.MAX_VALUE;
        for (MemberState suspect : suspects) {
            next = Math.min(next, suspicion.deadlineMillis(suspect, presentCount()));
        }
        if (!gone.isEmpty()) {
            next = Math.min(next, gone.iterator().next().goneSinceMillis + settings.forgetMillis());
        }
        return next;
    }

    // ---- what others say ------------------------------------------------------------------------------------------

    /** Takes over what is newer than what is known. */
    void merge(MemberClaim claim, GossipAddress from, long nowMillis) {
        if (claim.id().equals(self.id)) {
            mergeOwn(claim, from);
            return;
        }
        MemberProfile profile = claim.profile();
        if (profile != null && !ownProfile().mayShareClusterWith(profile.cluster(), profile.clusterId())) {
            return;
        }
        MemberState member = members.get(claim.id());
        if (member == null) {
            add(claim, nowMillis);
            return;
        }
        boolean returns = !member.status.isPresent() && claim.status().isPresent();
        if (returns && member.profile == null && profile == null) {
            // Who is there has a profile; the next exchange of digests brings it.
            return;
        }
        boolean updated = mergeProfile(member, claim);
        updated |= mergeLoad(member, claim);
        updated |= mergeStatus(member, claim, nowMillis);
        if (returns && member.status.isPresent()) {
            // Others may know no more of its new life than its status.
            news.tellProfile(member, presentCount());
        }
        if (updated && member.status.isPresent()) {
            event(MemberEvent.Kind.UPDATED, member);
        }
    }

    private void add(MemberClaim claim, long nowMillis) {
        boolean present = claim.status().isPresent();
        if (present && claim.profile() == null) {
            return;
        }
        if (members.size() >= settings.membersMax() && !makeRoom(claim, present)) {
            return;
        }
        MemberState member = new MemberState(claim.id(), claim.incarnation(), MemberStatus.ALIVE, claim.address());
        members.put(member.id, member);
        if (!present) {
            // So that nobody who has not heard of its end brings it back. It is not news: it would never die out.
            member.status = claim.status();
            mergeProfile(member, claim);
            goes(member, nowMillis);
            return;
        }
        mergeProfile(member, claim);
        mergeLoad(member, claim);
        comes(member);
        event(MemberEvent.Kind.JOINED, member);
        news.tellStatus(member, presentCount());
        mergeStatus(member, claim, nowMillis);
    }

    private boolean makeRoom(MemberClaim claim, boolean present) {
        if (present && !gone.isEmpty()) {
            forget(gone.iterator().next());
            return true;
        }
        if (present) {
            notices.add(new GossipNotice.TooManyMembers(claim.id()));
        }
        return false;
    }

    private boolean mergeProfile(MemberState member, MemberClaim claim) {
        MemberProfile profile = claim.profile();
        if (profile == null || claim.profileVersion() <= member.profileVersion) {
            return false;
        }
        boolean differs = !profile.equals(member.profile);
        member.profileVersion = claim.profileVersion();
        member.profile = profile;
        view = null;
        if (member.status.isPresent()) {
            news.tellProfile(member, presentCount());
        }
        return differs;
    }

    private boolean mergeLoad(MemberState member, MemberClaim claim) {
        MemberLoad load = claim.load();
        if (load == null || claim.loadVersion() <= member.loadVersion) {
            return false;
        }
        boolean differs = !load.equals(member.load);
        member.loadVersion = claim.loadVersion();
        member.load = load;
        view = null;
        if (member.status.isPresent()) {
            news.tellLoad(member, presentCount());
        }
        return differs;
    }

    /** Whether the address is another, which no other event tells. */
    private boolean mergeStatus(MemberState member, MemberClaim claim, long nowMillis) {
        int newer = member.compareStatus(claim.incarnation(), claim.status());
        if (newer == 0 && claim.status() == MemberStatus.SUSPECT) {
            confirm(member, claim.suspectedBy());
        }
        if (newer <= 0) {
            return false;
        }
        boolean sameLife = claim.incarnation() == member.incarnation;
        boolean moved = !sameLife && !claim.address().equals(member.address);
        if (!sameLife) {
            member.incarnation = claim.incarnation();
            member.address = claim.address();
            view = null;
        }
        switch (claim.status()) {
            case ALIVE -> {
                MemberStatus before = member.status;
                becomes(member, MemberStatus.ALIVE);
                if (!before.isPresent()) {
                    comes(member);
                }
                if (before != MemberStatus.ALIVE) {
                    event(MemberEvent.Kind.ALIVE, member);
                    moved = false;
                }
            }
            case SUSPECT -> {
                if (!member.status.isPresent()) {
                    comes(member);
                }
                if (!sameLife || member.status != MemberStatus.SUSPECT) {
                    suspect(member, nowMillis);
                }
                confirm(member, claim.suspectedBy());
            }
            case DEAD -> {
                if (!member.status.isPresent()) {
                    becomes(member, MemberStatus.DEAD);
                    return false;
                }
                // As for any suspicion, it has the time to refute that. When a partition of the network heals, each
                // side
                // takes the other for dead, and nobody is.
                if (!sameLife || member.status != MemberStatus.SUSPECT) {
                    suspect(member, nowMillis);
                }
                member.deathClaimed = true;
            }
            case LEFT -> {
                boolean wasPresent = member.status.isPresent();
                becomes(member, MemberStatus.LEFT);
                if (wasPresent) {
                    goes(member, nowMillis);
                }
                event(MemberEvent.Kind.LEFT, member);
                moved = false;
            }
        }
        return moved;
    }

    // ---- this member itself -----------------------------------------------------------------------------------------

    /** What is said of this member, who knows better: SWIM, section 4.2, lets nobody else raise its incarnation. */
    private void mergeOwn(MemberClaim claim, GossipAddress from) {
        boolean elsewhere = !claim.address().equals(self.address);
        if (claim.incarnation() > self.incarnation || (claim.incarnation() == self.incarnation && elsewhere)) {
            // An earlier life whose clock was ahead, or another process with the same id.
            if (elsewhere && claim.status() == MemberStatus.ALIVE && ++clashes >= CLASHES_EXPECTED) {
                clashes = 0;
                notices.add(new GossipNotice.IdentityInUse(from));
            }
            outbid(claim);
        } else if (claim.incarnation() == self.incarnation && claim.status().compareTo(self.status) > 0) {
            outbid(claim);
        }
        MemberProfile profile = claim.profile();
        if (claim.profileVersion() > self.profileVersion
                || (claim.profileVersion() == self.profileVersion
                        && profile != null
                        && !profile.equals(self.profile))) {
            self.profileVersion = claim.profileVersion() + 1;
            news.tellProfile(self, presentCount());
        }
        MemberLoad load = claim.load();
        if (claim.loadVersion() > self.loadVersion
                || (claim.loadVersion() == self.loadVersion && load != null && !load.equals(self.load))) {
            self.loadVersion = claim.loadVersion() + 1;
            news.tellLoad(self, presentCount());
        }
    }

    private void outbid(MemberClaim claim) {
        if (self.status == MemberStatus.LEFT) {
            // At the same incarnation nothing overrides it.
            self.incarnation = claim.incarnation();
        } else {
            self.incarnation = claim.incarnation() + 1;
            count.refutations++;
            if (claim.status() == MemberStatus.SUSPECT || claim.status() == MemberStatus.DEAD) {
                // Lifeguard: that it had to refute a suspicion says that it was slow.
                health.worse(1);
            }
        }
        view = null;
        news.tellStatus(self, presentCount());
    }

    void leave() {
        self.status = MemberStatus.LEFT;
        view = null;
        news.tellStatus(self, presentCount());
    }

    /** A change of the profile drops members that turn out to be of another cluster. */
    void changeOwnProfile(MemberProfile profile) {
        self.profile = profile;
        self.profileVersion++;
        view = null;
        news.tellProfile(self, presentCount());
        for (MemberState member : List.copyOf(members.values())) {
            MemberProfile other = member.profile;
            if (other != null && !profile.mayShareClusterWith(other.cluster(), other.clusterId())) {
                forget(member);
            }
        }
    }

    void changeOwnLoad(MemberLoad load) {
        self.load = load;
        self.loadVersion++;
        view = null;
        news.tellLoad(self, presentCount());
    }

    // ---- suspicion ----------------------------------------------------------------------------------------------

    /** A probe of this member got no answer. */
    void probeFailed(MemberState member, long nowMillis) {
        if (member.status == MemberStatus.ALIVE) {
            count.suspicionsRaised++;
            suspect(member, nowMillis);
        }
        if (member.status == MemberStatus.SUSPECT) {
            confirm(member, List.of(self.id));
        }
    }

    /** Declares dead who has not refuted in time, and forgets who has been gone for long. */
    void expire(long nowMillis) {
        for (MemberState member : List.copyOf(suspects)) {
            if (nowMillis >= suspicion.deadlineMillis(member, presentCount())) {
                count.declaredDead++;
                becomes(member, MemberStatus.DEAD);
                goes(member, nowMillis);
                event(MemberEvent.Kind.DEAD, member);
            }
        }
        while (!gone.isEmpty()) {
            MemberState oldest = gone.iterator().next();
            if (nowMillis < oldest.goneSinceMillis + settings.forgetMillis()
                    && gone.size() <= settings.tombstonesMax()) {
                return;
            }
            forget(oldest);
        }
    }

    /** This member stood still: what it did not hear meanwhile is nobody's fault. */
    void stoodStill(long millis) {
        for (MemberState member : suspects) {
            member.suspectedSinceMillis += millis;
        }
    }

    private void suspect(MemberState member, long nowMillis) {
        becomes(member, MemberStatus.SUSPECT);
        member.suspectedSinceMillis = nowMillis;
        suspects.add(member);
        event(MemberEvent.Kind.SUSPECT, member);
    }

    /** Lifeguard: only what another member says by itself counts, and each once; it is passed on as news. */
    private void confirm(MemberState member, List<UUID> suspecting) {
        for (UUID by : suspecting) {
            if (member.suspectedBy.size() < suspicion.suspectingMax() && !member.suspectedBy.contains(by)) {
                member.suspectedBy.add(by);
                news.tellStatus(member, presentCount());
            }
        }
    }

    // ---- changes ------------------------------------------------------------------------------------------------

    private void becomes(MemberState member, MemberStatus status) {
        member.status = status;
        member.suspectedBy.clear();
        member.deathClaimed = false;
        suspects.remove(member);
        view = null;
        news.tellStatus(member, presentCount());
    }

    private void comes(MemberState member) {
        gone.remove(member);
        arrived.add(member);
        presentOthers = null;
        view = null;
    }

    private void goes(MemberState member, long nowMillis) {
        member.goneSinceMillis = nowMillis;
        gone.add(member);
        presentOthers = null;
        view = null;
    }

    private void forget(MemberState member) {
        members.remove(member.id);
        suspects.remove(member);
        gone.remove(member);
        news.forget(member);
        presentOthers = null;
        view = null;
        event(MemberEvent.Kind.FORGOTTEN, member);
    }

    /** Of one whose end was all that was ever heard, there is nothing to tell. */
    private void event(MemberEvent.Kind kind, MemberState member) {
        if (member.profile != null) {
            events.add(new MemberEvent(kind, member.view()));
        }
    }

    // ---- what came of a step ------------------------------------------------------------------------------------

    /** Members that came, or came back, since the last call. */
    List<MemberState> takeArrived() {
        List<MemberState> taken = arrived;
        arrived = new ArrayList<>();
        return taken;
    }

    List<MemberEvent> takeEvents() {
        List<MemberEvent> taken = events;
        events = new ArrayList<>();
        return taken;
    }

    List<GossipNotice> takeNotices() {
        List<GossipNotice> taken = notices;
        notices = new ArrayList<>();
        return taken;
    }
}
