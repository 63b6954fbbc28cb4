using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>dns</c>: asks a name server, past the hosts file and every cache of this machine.</summary>
internal static class DnsCommand
{
    private static readonly string[] Types = ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SOA", "SRV", "PTR", "CAA", "HTTPS", "SVCB"];

    public static Command Make() => new("dns", "NAME [TYPE]", "ask a name server: answers, times, server", [DnsOptions.Group, GeneralOptions.Plain], RunAsync)
    {
        LeastPositionals = 1,
        MostPositionals = 2,
        Details = [$"TYPE is one of {string.Join(", ", Types)}, or a number. Without it, A and AAAA are asked for; of an address, PTR."],
        Examples = ["dns example.com", "dns example.com MX --dns 192.0.2.53", "dns 192.0.2.1 --json"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var arguments = run.Arguments;
        var name = arguments.Positionals[0];
        var types = ReadTypes(arguments);
        var resolver = arguments.Read(DnsOptions.Server, AddressText.ParseServer) is { } server
            ? new DnsServerResolver(server)
            : DnsServerResolver.System();
        var limit = arguments.Value(DnsOptions.Timeout, DurationText.Parse) ?? TimeSpan.FromSeconds(10);

        var answers = await AskAllAsync(run, resolver, name, types, limit);
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => DnsDocument.Write(writer, name, types, answers));
        else
            DnsText.Write(run.Out, answers, run.IsQuiet);
        return ExitCodes.Done;
    }

    private static DnsRecordType[] ReadTypes(ParsedArguments arguments)
    {
        if (arguments.Positionals.Count > 1)
            return [ReadType(arguments.Positionals[1])];
        if (IPAddress.TryParse(arguments.Positionals[0], out _))
            return [DnsRecordType.PTR];
        if (arguments.Has(ConnectionOptions.IPv4) == arguments.Has(ConnectionOptions.IPv6))
            return [DnsRecordType.A, DnsRecordType.AAAA];
        return arguments.Has(ConnectionOptions.IPv4) ? [DnsRecordType.A] : [DnsRecordType.AAAA];
    }

    private static DnsRecordType ReadType(string text)
    {
        if (Types.Contains(text.ToUpperInvariant()))
            return Enum.Parse<DnsRecordType>(text, ignoreCase: true);
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return (DnsRecordType)number;
        throw new UsageException($"'{text}' is no type of record{Suggestion.Instead(text.ToUpperInvariant(), Types)}", text);
    }

    /// <summary>Asks for every type at once. One answer is enough; without one, the first failure is the answer.</summary>
    private static async Task<List<DnsAnswer>> AskAllAsync(Invocation run, DnsServerResolver resolver, string name, DnsRecordType[] types, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit, run.Context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, run.Context.Interrupted);
        var questions = types.Select(type => AskAsync(run, resolver, name, type, either.Token)).ToArray();
        var answers = new List<DnsAnswer>();
        NetworkException? failure = null;
        foreach (var question in questions)
        {
            try
            {
                answers.Add(await question);
            }
            catch (NetworkException error)
            {
                failure ??= error;
            }
            catch (OperationCanceledException) when (!run.Context.Interrupted.IsCancellationRequested)
            {
                failure ??= TimedOut(name, limit);
            }
        }
        return answers.Count > 0 || failure is null ? answers : throw Told(failure, name);
    }

    /// <summary>A name that is not found is no failure of this machine's resolver, which was not asked.</summary>
    private static NetworkException Told(NetworkException failure, string name)
    {
        // A name that is none was asked for nowhere.
        if (failure.Code != ErrorCodes.DnsNotFound || failure.Attempts.Count == 0)
            return failure;
        var last = name.TrimEnd('.').ToLowerInvariant().Split('.')[^1];
        var hint = last switch
        {
            // RFC 6761, section 6.3; RFC 6762, section 3.
            "localhost" => "localhost is this machine by definition: other commands take it for 127.0.0.1 and ::1 and ask no name server.",
            "local" => "Names in .local are asked for by multicast (mDNS) on the own link, not of a name server.",
            _ => "Check the spelling. Name servers alone were asked, not the hosts file of this machine; --dns asks another.",
        };
        return (failure.Failure with { Hint = hint }).ToException(failure);
    }

    private static async Task<DnsAnswer> AskAsync(Invocation run, DnsServerResolver resolver, string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        try
        {
            return await resolver.QueryAsync(name, type, cancellationToken);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong), run.Arguments.Positionals[^1], wrong);
        }
    }

    private static NetworkException TimedOut(string name, TimeSpan limit) => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutTotal,
        Message = $"No name server answered about {name} within {limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s.",
        Phase = NetworkPhase.Resolve,
        Endpoint = new Endpoint(name, 0),
        Elapsed = limit,
        WasSent = WasSent.Maybe,
    }.ToException();
}
