using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>
/// Collects the quotas that response fields state, whatever the dialect: <c>RateLimit</c> and <c>RateLimit-Policy</c> of the IETF draft (9, and its
/// forms of 7 and before), <c>X-RateLimit-*</c>, and what model services make of it. What cannot be read counts as not said.
/// </summary>
internal sealed class RateLimitFields
{
    private const int MostQuotas = 16;
    private const int LongestName = 64;
    private const int LongestValue = 4096;

    /// <summary>The name of a quota that the server does not name.</summary>
    public const string Unnamed = "default";

    // The same few come with every response: they need no new string, and nobody need look what they count.
    private static readonly RateLimitQuota[] Known =
    [
        .. ((string[])[Unnamed, "requests", "tokens", "input-tokens", "output-tokens", "second", "minute", "hour", "day", "core"]).Select(FreshOf),
    ];

    private readonly List<RateLimitQuota> _quotas = new(2);
    private DateTimeOffset _now;
    private string? _date;
    private string? _resource;

    public RateLimitFields(DateTimeOffset now, string? date) => Reset(now, date);

    /// <summary>Whether a field is one for <see cref="Add"/>: the test is cheap, and most are not.</summary>
    public static bool IsOne(ReadOnlySpan<char> name, out ReadOnlySpan<char> rest)
    {
        rest = default;
        // X (Twitter) and others write two words.
        var start = name.Length < "ratelimit".Length ? -1 : name.IndexOf("rate", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return false;
        rest = name[(start + "rate".Length)..];
        if (rest.StartsWith("-"))
            rest = rest[1..];
        if (!rest.StartsWith("limit", StringComparison.OrdinalIgnoreCase))
            return false;
        rest = rest["limit".Length..];
        return true;
    }

    /// <summary>The quotas so far, at most 16; valid until the next change.</summary>
    public ReadOnlySpan<RateLimitQuota> Quotas
    {
        get
        {
            if (_resource is not null && IndexOf(Unnamed) is >= 0 and var i && IndexOf(_resource) < 0)
                _quotas[i] = _quotas[i] with { Name = _resource };
            return CollectionsMarshal.AsSpan(_quotas);
        }
    }

    /// <summary>Forgets all and begins with another response.</summary>
    /// <param name="now">The moment of the response, on this machine's clock.</param>
    /// <param name="date">The response's <c>Date</c>: absolute times are the server's, and so is its clock.</param>
    public void Reset(DateTimeOffset now, string? date)
    {
        (_now, _date, _resource) = (now, date, null);
        _quotas.Clear();
    }

    /// <summary>Takes one field's value; several fields of a name are several calls.</summary>
    /// <param name="rest">The rest of its name, as <see cref="IsOne"/> gives it.</param>
    /// <param name="value">The value.</param>
    public void Add(ReadOnlySpan<char> rest, ReadOnlySpan<char> value)
    {
        if (value.Length > LongestValue)
            value = value[..LongestValue];
        if (rest.IsEmpty)
            AddList(value, isPolicy: false);
        else if (Is(rest, "-policy"))
            AddList(value, isPolicy: true);
        else if (rest[0] == '-')
            AddPart(rest[1..], value.Trim());
    }

    // "limit", "limit-requests" (OpenAI), "limit-minute" (Kong), "requests-limit" (Anthropic).
    private void AddPart(ReadOnlySpan<char> rest, ReadOnlySpan<char> value)
    {
        if (Is(rest, "resource"))
        {
            _resource = value.Length is > 0 and <= LongestName && IsToken(value) ? FreshOf(value).Name : null;
            return;
        }
        var first = rest.IndexOf('-');
        var last = rest.LastIndexOf('-');
        if (first < 0)
            Set(Unnamed, PartOf(rest), value);
        else if (PartOf(rest[..first]) is not Part.None and var front)
            Set(rest[(first + 1)..], front, value);
        else
            Set(rest[..last], PartOf(rest[(last + 1)..]), value);
    }

    private static Part PartOf(ReadOnlySpan<char> word) =>
        Is(word, "limit") ? Part.Limit : Is(word, "remaining") ? Part.Remaining : Is(word, "reset") ? Part.Reset : Part.None;

    private void Set(ReadOnlySpan<char> name, Part part, ReadOnlySpan<char> value)
    {
        if (part == Part.None || name.IsEmpty || name.Length > LongestName)
            return;
        if (part == Part.Reset)
        {
            if (RateLimitValues.Wait(value, _now, _date) is { } wait && Find(name) is >= 0 and var i)
                _quotas[i] = _quotas[i] with { ResetsAt = _now + wait };
        }
        else if (RateLimitValues.Count(value) is { } count && Find(name) is >= 0 and var i)
        {
            _quotas[i] = part == Part.Limit
                ? _quotas[i] with { Limit = count, Window = _quotas[i].Window ?? RateLimitValues.WindowOf(value) }
                : _quotas[i] with { Remaining = count };
        }
    }

    // "burst";r=50;t=30, "daily";r=999  ·  "burst";q=100;w=60;qu="requests"  ·  before draft 8: limit=100, remaining=50, reset=5  ·  100;w=60
    private void AddList(ReadOnlySpan<char> value, bool isPolicy)
    {
        var reader = new ParameterReader(value);
        while (reader.NextMember(out var item, out var itemValue))
        {
            if (!itemValue.IsEmpty)
            {
                Set(Unnamed, PartOf(item), itemValue);
                continue;
            }
            var isCount = isPolicy && RateLimitValues.Count(item) is not null && item.IndexOfAnyExceptInRange('0', '9') < 0;
            var at = item.IsEmpty || item.Length > LongestName || !isPolicy && !reader.HasParameters ? -1 : Find(isCount ? Unnamed : item, RateLimitUnit.Requests);
            if (at >= 0 && isCount)
                _quotas[at] = _quotas[at] with { Limit = _quotas[at].Limit ?? RateLimitValues.Count(item) };
            while (reader.NextParameter(out var key, out var parameter))
            {
                if (at >= 0)
                    _quotas[at] = With(_quotas[at], key, parameter);
            }
        }
    }

    private RateLimitQuota With(RateLimitQuota quota, ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        if (Is(key, "qu"))
            return quota with { Unit = Is(value, "requests") ? RateLimitUnit.Requests : Is(value, "tokens") ? RateLimitUnit.Tokens : RateLimitUnit.Other };
        if (RateLimitValues.Count(value) is not { } count)
            return quota;
        if (Is(key, "q"))
            return quota with { Limit = count };
        if (Is(key, "r"))
            return quota with { Remaining = count };
        if (Is(key, "t"))
            return quota with { ResetsAt = _now + RateLimitValues.Seconds(count) };
        return Is(key, "w") ? quota with { Window = RateLimitValues.Seconds(count) } : quota;
    }

    /// <summary>The place of the quota of a name, made where there is none; -1 where there are too many.</summary>
    private int Find(ReadOnlySpan<char> name, RateLimitUnit? unit = null)
    {
        var i = IndexOf(name);
        if (i >= 0 || _quotas.Count >= MostQuotas)
            return i;
        var fresh = FreshOf(name);
        _quotas.Add(unit is null ? fresh : fresh with { Unit = unit.Value });
        return _quotas.Count - 1;
    }

    private int IndexOf(ReadOnlySpan<char> name)
    {
        var quotas = CollectionsMarshal.AsSpan(_quotas);
        for (var i = 0; i < quotas.Length; i++)
        {
            if (Is(name, quotas[i].Name))
                return i;
        }
        return -1;
    }

    private static RateLimitQuota FreshOf(ReadOnlySpan<char> name)
    {
        foreach (ref readonly var known in Known.AsSpan())
        {
            if (Is(name, known.Name))
                return known;
        }
        return FreshOf(name.ToString());
    }

    private static RateLimitQuota FreshOf(string name) => new(name, UnitOf(name), Window: WindowOf(name));

    private static RateLimitUnit UnitOf(string name) =>
        name.Contains("token", StringComparison.OrdinalIgnoreCase) ? RateLimitUnit.Tokens
        : name == Unnamed || WindowOf(name) is not null || name.Contains("request", StringComparison.OrdinalIgnoreCase) ? RateLimitUnit.Requests
        : RateLimitUnit.Other;

    private static TimeSpan? WindowOf(string name) => name switch
    {
        "second" => TimeSpan.FromSeconds(1),
        "minute" => TimeSpan.FromMinutes(1),
        "hour" => TimeSpan.FromHours(1),
        "day" => TimeSpan.FromDays(1),
        _ => null,
    };

    private static bool IsToken(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('!', '~');

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Length == word.Length && text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private enum Part
    {
        None,
        Limit,
        Remaining,
        Reset,
    }
}
