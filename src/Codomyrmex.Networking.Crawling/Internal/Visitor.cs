using System.Buffers.Binary;
using System.Security.Cryptography;
using Codomyrmex.Networking.Crawling.Protocol;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>A worker of a run: makes one visit after the other, and decides what comes of it.</summary>
internal sealed class Visitor(CrawlRun run)
{
    private readonly PageReader _reader = new(run.Agent);
    private readonly FoundLinks _links = new(run);
    private readonly Politeness _politeness = run.Options.Politeness;
    private readonly Counters _counters = run.Counters;
    private readonly Frontier _frontier = run.Frontier;

    public async Task WorkAsync()
    {
        while (await _frontier.NextAsync().ConfigureAwait(false) is { } visit)
        {
            try
            {
                await VisitAsync(visit).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (run.Stopping.IsCancellationRequested)
            {
                return;
            }
            catch
            {
                // A full disk, a defect: the run ends, and the caller learns why.
                _frontier.Stop();
                throw;
            }
        }
    }

    private Task VisitAsync(Visit visit)
    {
        if (visit.Lane.Rules is not { } rules)
            return GreetAsync(visit);
        if (visit.Kind == VisitKind.Sitemap)
            return ReadSitemapAsync(visit);
        if (rules.Allows(visit.PathAndQuery))
            return FetchAsync(visit);
        // It was found while the host was being introduced.
        Forbid([visit]);
        _frontier.Done(visit, isPage: false);
        return Task.CompletedTask;
    }

    // The first visit to a host asks it what it allows, and then waits for its turn like all others.
    private async Task GreetAsync(Visit visit)
    {
        var lane = visit.Lane;
        var greeting = await run.Greeter.RobotsAsync(lane.Origin, run.Stopping).ConfigureAwait(false);
        if (greeting.Robots is not { } robots)
        {
            var failures = _frontier.Learn(lane, null, isGood: false);
            var wait = greeting.RetryAfter ?? lane.Pace.BackOff(failures);
            if (failures > _politeness.Retries || wait > _politeness.MaxRetryAfter)
                _frontier.Postpone(visit);
            else
                _frontier.Again(visit, wait);
            return;
        }
        var rules = robots.RulesFor(run.Agent);
        lane.NotFound = await run.Greeter.NotFoundAsync(lane, rules, _reader, run.Stopping).ConfigureAwait(false);
        Forbid(_frontier.Introduce(lane, rules));
        if (run.Options.UseSitemaps)
        {
            var sitemaps = Sitemaps(robots, visit);
            WriteDown(sitemaps);
            _frontier.Add(sitemaps);
        }
        if (visit.Kind == VisitKind.Page && !rules.Allows(visit.PathAndQuery))
        {
            Forbid([visit]);
            _frontier.Done(visit, isPage: false);
            return;
        }
        _frontier.Again(visit, lane.Pace.Next());
    }

    private void Forbid(List<Visit> visits)
    {
        _counters.Skip(SkipReason.Robots, visits.Count);
        if (visits.Count > 0)
            run.State?.Forbid(visits);
    }

    // Before anybody else passes over it as known: so that none hangs on its page being read again.
    private void WriteDown(IReadOnlyList<Visit> found)
    {
        if (run.State is not { } state || (found.Count == 0 && _links.LeftOut!.Count == 0))
            return;
        state.Add(found, _links.LeftOut!);
        _links.LeftOut!.Clear();
    }

    private List<Visit> Sitemaps(RobotsFile robots, Visit visit)
    {
        var sitemaps = new List<Visit>();
        var home = visit.Lane.Origin + "/";
        var from = new Visit(home, default, visit.Lane) { Kind = VisitKind.Sitemap };
        foreach (var reference in robots.Sitemaps.Count > 0 ? robots.Sitemaps : ["/sitemap.xml"])
        {
            var url = _reader.Resolve(reference, home);
            if (!url.IsEmpty && run.Sieve.Consider(url, from, 0, VisitKind.Sitemap, _links.LeftOut) is { } found)
                sitemaps.Add(found);
        }
        return sitemaps;
    }

    // Without conditions: one that is as it was may name what an earlier crawl left out.
    private async Task ReadSitemapAsync(Visit visit)
    {
        Counters.Count(ref _counters.Requests);
        var (outcome, status) = (PageOutcome.Waiting, (int?)null);
        try
        {
            using var response = await run.Client.StreamAsync(visit.Url, new RequestOptions { Redirects = RedirectOptions.Default with { Limit = 5 } }, run.Stopping).ConfigureAwait(false);
            var failures = _frontier.Learn(visit.Lane, null, response.Status is not (429 or >= 500));
            if (response.Status is 429 or >= 500)
            {
                var wait = response.RetryAfter ?? visit.Lane.Pace.BackOff(failures);
                _frontier.Rest(visit.Lane, wait < _politeness.MaxRetryAfter ? wait : _politeness.MaxRetryAfter);
            }
            else
            {
                (outcome, status) = (PageOutcome.Visited, response.Status);
            }
            if (response.IsSuccess)
            {
                await SitemapStream.ReadAsync(response.OpenStream(), entries => Take(visit, entries), run.Stopping).ConfigureAwait(false);
                Counters.Count(ref _counters.Sitemaps);
            }
        }
        // A state file that cannot be written is no fault of the page's: the run ends.
        catch (Exception error) when (error is NetworkException { Code: not ErrorCodes.LocalIo } or FormatException or InvalidDataException)
        {
            Counters.Count(ref _counters.BrokenSitemaps);
            outcome = error is NetworkException { IsTransient: true } ? PageOutcome.Waiting : PageOutcome.Failed;
        }
        // What it names is written down by now. One that could not be had waits for the next run.
        if (outcome != PageOutcome.Waiting)
            run.State?.Close(visit, outcome, status, null, [], []);
        _frontier.Done(visit, isPage: false);
    }

    private void Take(Visit from, IReadOnlyList<SitemapEntry> entries)
    {
        var found = new List<Visit>();
        foreach (var entry in entries)
        {
            var url = _reader.Resolve(entry.Url, from.Url);
            // An index leads to sitemaps, and those to no other index (sitemaps.org, "Sitemap index").
            if (url.IsEmpty || !IsAbsolute(entry.Url) || (entry.IsSitemap && from.Redirects > 0))
                continue;
            if (run.Sieve.Consider(url, from, entry.IsSitemap ? 1 : 0, entry.IsSitemap ? VisitKind.Sitemap : VisitKind.Page, _links.LeftOut) is { } visit)
                found.Add(visit);
        }
        WriteDown(found);
        _frontier.Add(found);
    }

    // As sitemaps have them (sitemaps.org, "loc"); what else is found there is no sitemap.
    private static bool IsAbsolute(string url) => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private async Task FetchAsync(Visit visit)
    {
        var session = run.Sessions.Take();
        var before = run.State?.Find(visit.Key);
        var startedAt = run.Clock.GetTimestamp();
        Counters.Count(ref _counters.Requests);
        Response? response = null;
        try
        {
            response = await session.Client.StreamAsync(visit.Url, RequestFor(session, before), run.Stopping).ConfigureAwait(false);
            var isRead = response.Status is not (204 or 304) && (!response.IsSuccess || IsWanted(response.ContentType));
            if (isRead)
                await response.BufferAsync(run.Stopping).ConfigureAwait(false);
            await JudgeAsync(visit, session, response, isRead, before, run.Clock.GetElapsedTime(startedAt)).ConfigureAwait(false);
            response = null;
        }
        catch (NetworkException error) when (error.Code != ErrorCodes.LocalIo)
        {
            await FailAsync(visit, error, run.Clock.GetElapsedTime(startedAt)).ConfigureAwait(false);
        }
        finally
        {
            response?.Dispose();
            run.Sessions.Leave(session);
        }
    }

    private bool IsWanted(string? contentType) =>
        run.Options.ContentTypes.Count == 0 || contentType is null || run.Options.ContentTypes.Contains(contentType, StringComparer.OrdinalIgnoreCase);

    private static RequestOptions RequestFor(CrawlSession session, StoredPage? before)
    {
        if (before is not { ETag: not null } and not { LastModified: not null })
            return session.Request;
        var conditions = new HeaderMap();
        if (before.ETag is { } tag)
            conditions["If-None-Match"] = tag;
        if (before.LastModified is { } date)
            conditions["If-Modified-Since"] = date;
        return session.Request with { Headers = conditions };
    }

    // Takes the response over.
    private async Task JudgeAsync(Visit visit, CrawlSession session, Response response, bool isRead, StoredPage? before, TimeSpan elapsed)
    {
        var status = response.Status;
        var isBlocked = run.Sessions.IsBlocked(session, status);
        var isGood = status < 400 || status is 404 or 410;
        var failures = _frontier.Learn(visit.Lane, elapsed, isGood);
        if (status is 429 or 503)
            Counters.Count(ref _counters.SlowDowns);
        if (status is 408 or 429 or >= 500 || isBlocked)
        {
            // Only this host waits; the others go on.
            var wait = response.RetryAfter ?? (isBlocked && status != 429 ? TimeSpan.Zero : visit.Lane.Pace.BackOff(failures));
            if (wait > _politeness.MaxRetryAfter || failures >= _politeness.FailuresInARow)
            {
                response.Dispose();
                _frontier.Postpone(visit);
                return;
            }
            if (visit.Tries < _politeness.Retries)
            {
                response.Dispose();
                visit.Tries++;
                Counters.Count(ref _counters.Retries);
                _frontier.Again(visit, wait);
                return;
            }
            _frontier.Rest(visit.Lane, wait);
        }
        var headers = response.Headers;
        if (status is 301 or 302 or 303 or 307 or 308 && headers["Location"] is { } location)
        {
            response.Dispose();
            Redirect(visit, status, location);
            return;
        }
        var page = Read(visit, response, headers, isRead, before, elapsed);
        WriteDown(page.Found);
        _frontier.Add(page.Found);
        // The page counts before the caller has it: so a host's next page is on its way meanwhile.
        _frontier.Done(visit, isPage: true);
        await run.HandAsync(page).ConfigureAwait(false);
    }

    private void Redirect(Visit visit, int status, string location)
    {
        Counters.Count(ref _counters.Redirects);
        var found = new List<Visit>();
        if (visit.Redirects >= run.Options.Limits.Redirects)
        {
            _counters.Skip(SkipReason.Redirects);
        }
        else
        {
            // It is looked at like a link: scope, robots.txt, pace and policy are those of the host it leads to.
            var url = _reader.Resolve(location, visit.Url);
            if (!url.IsEmpty && run.Sieve.Consider(url, visit, visit.Redirects + 1, VisitKind.Page, _links.LeftOut) is { } next)
                found.Add(next);
        }
        run.State?.Close(visit, PageOutcome.Redirected, status, null, found, _links.LeftOut!);
        _links.LeftOut?.Clear();
        _frontier.Add(found);
        _frontier.Done(visit, isPage: false);
    }

    private CrawledPage Read(Visit visit, Response response, HeaderMap headers, bool isRead, StoredPage? before, TimeSpan elapsed)
    {
        var content = isRead ? response.Content.Span : [];
        byte[]? hash = null;
        string? duplicateOf = null;
        if (!content.IsEmpty && response.Status == 200)
        {
            hash = SHA256.HashData(content)[..16];
            duplicateOf = run.Contents.FirstOf(BinaryPrimitives.ReadUInt128BigEndian(hash), visit.Url);
        }
        var directives = RobotsDirectives.None;
        // Not joined: what one field says to somebody else would be theirs to its end.
        foreach (var field in headers.GetAll("X-Robots-Tag"))
            directives |= RobotsDirectiveText.Read(field, run.Agent);
        var facts = default(PageFacts);
        _links.Clear();
        if (!content.IsEmpty && response.IsSuccess && PageReader.IsHtml(response.ContentType))
        {
            facts = _reader.Read(PageReader.Utf8(response, headers), visit.Url, _links, FoundLinks.Take);
            directives |= facts.Directives;
        }
        var isSoftNotFound = response.Status == 200 && (PageSignature.SaysNotFound(facts.Title) ||
            (visit.Lane.NotFound is { } known && facts.Structure != 0 && visit.Depth > 0 && known == PageSignature.Of(facts.Structure, facts.Title, visit.PathAndQuery)));
        var found = _links.Settle(visit,
            directives.HasFlag(RobotsDirectives.NoFollow) && !run.Options.FollowNoFollow ? SkipReason.NoFollow
            : isSoftNotFound ? SkipReason.SoftNotFound
            : duplicateOf is not null && !run.Options.FollowDuplicates ? SkipReason.Duplicate
            : null);
        return new CrawledPage(visit, response, headers, run.Agent)
        {
            HasContent = isRead,
            Facts = facts,
            Found = found,
            IsNoIndex = directives.HasFlag(RobotsDirectives.NoIndex),
            DuplicateOf = duplicateOf,
            IsSoftNotFound = isSoftNotFound,
            Elapsed = elapsed,
            Change = response.Status == 304 ? PageChange.NotModified
                : before?.Hash is null || hash is null ? PageChange.New
                : before.Hash.AsSpan().SequenceEqual(hash) ? PageChange.Unchanged
                : PageChange.Changed,
            Stored = run.State is null ? null : new StoredPage(hash, headers["ETag"], headers["Last-Modified"]),
        };
    }

    private async Task FailAsync(Visit visit, NetworkException error, TimeSpan elapsed)
    {
        if (error is NetworkTimeoutException)
            Counters.Count(ref _counters.Timeouts);
        var failures = _frontier.Learn(visit.Lane, error is NetworkTimeoutException ? elapsed : null, isGood: false);
        if (failures >= _politeness.FailuresInARow)
        {
            _frontier.Postpone(visit);
            return;
        }
        if (error.IsTransient && visit.Tries < _politeness.Retries)
        {
            visit.Tries++;
            Counters.Count(ref _counters.Retries);
            _frontier.Again(visit, visit.Lane.Pace.BackOff(visit.Tries));
            return;
        }
        if (error.IsTransient)
            _frontier.Rest(visit.Lane, visit.Lane.Pace.BackOff(failures));
        _frontier.Done(visit, isPage: true);
        await run.HandAsync(new CrawledPage(visit, null, null, run.Agent) { Error = error, Elapsed = elapsed }).ConfigureAwait(false);
    }
}
