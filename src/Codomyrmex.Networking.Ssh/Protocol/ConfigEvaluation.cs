using System.Globalization;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>
/// Goes through a configuration for one host, as ssh_config(5) says: from top to bottom, the first value of a keyword wins, <c>Host</c> and
/// <c>Match</c> switch lines on and off. Nothing is run: <c>Match exec</c> is an error unless the caller answers for it (CVE class 54).
/// </summary>
internal sealed class ConfigEvaluation
{
    // OpenSSH's limit. The second one is for files that include each other more than once.
    private const int DeepestInclude = 16;
    private const int MostFiles = 256;

    private readonly ConfigFacts _facts;
    private readonly Func<string, string, IReadOnlyList<ConfigSource>> _include;
    private readonly Func<string, bool>? _exec;
    private readonly List<string> _ignored = [];
    private ConfigValues _values = new();
    private bool _isFinal;
    private bool _wantsFinal;
    private int _files;

    /// <param name="facts">What is known before.</param>
    /// <param name="include">Gives the files that an <c>Include</c> means: its pattern, the file it stands in.</param>
    /// <param name="exec">Answers <c>Match exec</c>; null to refuse it.</param>
    public ConfigEvaluation(ConfigFacts facts, Func<string, string, IReadOnlyList<ConfigSource>> include, Func<string, bool>? exec)
    {
        (_facts, _include, _exec) = (facts, include, exec);
    }

    /// <exception cref="FormatException">A line is wrong, or asks for what is refused; the message names file and line.</exception>
    public ConfigValues Run(IReadOnlyList<ConfigSource> sources)
    {
        foreach (var source in sources)
            Go(source, isActive: true, depth: 0);
        if (!_wantsFinal)
            return _values;
        // "Match final" asks for a second reading, in which what the first one found stays.
        _isFinal = true;
        foreach (var source in sources)
            Go(source, isActive: true, depth: 0);
        return _values;
    }

    private void Go(ConfigSource source, bool isActive, int depth)
    {
        if (++_files > MostFiles)
            throw new FormatException($"{source.File}: more than {MostFiles} files of configuration.");
        var isActiveHere = isActive;
        foreach (var line in source.Directives)
        {
            switch (line.Keyword)
            {
                case "host":
                    isActiveHere = isActive && HostMatches(line);
                    break;
                case "match":
                    isActiveHere = isActive && Matches(line);
                    break;
                case "include" when isActiveHere:
                    Include(line, source.File, depth);
                    break;
                case "include":
                    break;
                case "ignoreunknown" when isActiveHere:
                    _ignored.AddRange(line.Arguments);
                    break;
                default:
                    if (!ConfigKeywords.IsKnown(line.Keyword) && !_ignored.Any(list => NamePattern.ListMatches(list.ToLowerInvariant(), line.Keyword)))
                        throw new FormatException($"{line.Place}: there is no keyword '{Printable.Text(line.Keyword, 60)}'; IgnoreUnknown would pass it over.");
                    if (isActiveHere && !(_isFinal && ConfigKeywords.IsList(line.Keyword) && _values.All(line.Keyword).Contains(line)))
                        _values.Add(line);
                    break;
            }
        }
    }

    private void Include(ConfigDirective line, string file, int depth)
    {
        if (depth >= DeepestInclude)
            throw new FormatException($"{line.Place}: Include goes deeper than {DeepestInclude} files.");
        foreach (var pattern in line.Arguments)
        {
            foreach (var source in _include(pattern, file))
                Go(source, isActive: true, depth + 1);
        }
    }

    private bool HostMatches(ConfigDirective line)
    {
        var isMatch = false;
        foreach (var pattern in line.Arguments)
        {
            var isNegated = pattern.StartsWith('!');
            if (!NamePattern.Matches(isNegated ? pattern[1..] : pattern, _facts.Host))
                continue;
            if (isNegated)
                return false;
            isMatch = true;
        }
        return isMatch;
    }

    private bool Matches(ConfigDirective line)
    {
        var isMatch = true;
        for (var i = 0; i < line.Arguments.Count; i++)
        {
            var word = line.Arguments[i].ToLowerInvariant();
            var isNegated = word.StartsWith('!');
            var criterion = isNegated ? word[1..] : word;
            string? argument = null;
            if (criterion.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
                (criterion, argument) = (criterion[..equals], line.Arguments[i][(equals + (isNegated ? 2 : 1))..]);
            if (criterion is not ("all" or "canonical" or "final") && argument is null)
            {
                argument = ++i < line.Arguments.Count
                    ? line.Arguments[i]
                    : throw new FormatException($"{line.Place}: Match {Printable.Text(criterion, 40)} has no value.");
            }
            isMatch &= Holds(criterion, argument ?? "", isMatch, line) != isNegated;
        }
        return isMatch;
    }

    private bool Holds(string criterion, string argument, bool isOpen, ConfigDirective line)
    {
        switch (criterion)
        {
            case "all":
                return true;
            case "canonical":
                return _isFinal;
            case "final":
                _wantsFinal = true;
                return _isFinal;
            case "host":
                return NamePattern.ListMatches(argument.ToLowerInvariant(), ConfigTokens.HostName(_values, _facts));
            case "originalhost":
                return NamePattern.ListMatches(argument.ToLowerInvariant(), _facts.Host);
            case "user":
                return NamePattern.ListMatches(argument, _facts.User ?? _values.One("user") ?? _facts.LocalUser);
            case "localuser":
                return NamePattern.ListMatches(argument, _facts.LocalUser);
            case "tagged":
                return NamePattern.ListMatches(argument, _values.One("tag") ?? "");
            case "exec" when _exec is not null:
                // As OpenSSH: not run where an earlier criterion has failed.
                return isOpen && _exec(argument);
            case "exec":
                throw new FormatException($"{line.Place}: Match exec would run a program, which is refused.");
            default:
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{line.Place}: Match {Printable.Text(criterion, 40)} is not supported."));
        }
    }
}
