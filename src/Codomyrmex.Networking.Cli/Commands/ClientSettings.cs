using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Turns options into the settings of an HTTP client.</summary>
internal static class ClientSettings
{
    public static HTTPClientOptions Read(Invocation run, string method)
    {
        var arguments = run.Arguments;
        return new HTTPClientOptions
        {
            UserAgent = "codonet/" + Release.Version,
            Version = ReadVersion(arguments),
            Timeouts = TransportSettings.ReadTimeouts(arguments),
            Redirects = ReadRedirects(arguments),
            Retry = ReadRetry(arguments, method),
            Limits = ReadLimits(arguments),
            Transport = TransportSettings.Read(run),
        };
    }

    private static HttpVersionChoice ReadVersion(ParsedArguments arguments)
    {
        var given = arguments.InOrder(HttpOptions.Http11, HttpOptions.Http2, HttpOptions.Http3).Select(static one => one.Option).Distinct().ToList();
        if (given.Count > 1)
            throw new UsageException($"{given[0].Name} and {given[1].Name} exclude each other.", given[1].Name);
        return given.Count == 0 ? HttpVersionChoice.Negotiate
            : given[0] == HttpOptions.Http11 ? HttpVersionChoice.Http11
            : given[0] == HttpOptions.Http2 ? HttpVersionChoice.Http2
            : HttpVersionChoice.Http3;
    }

    private static RedirectOptions ReadRedirects(ParsedArguments arguments)
    {
        if (arguments.Last(HttpOptions.NoFollow, HttpOptions.Follow) == true)
            return RedirectOptions.None;
        var limit = arguments.Value(HttpOptions.MaxRedirects, static text => NumberText.Parse(text, 0, 100));
        return limit is { } most ? new RedirectOptions { Limit = most } : RedirectOptions.Default;
    }

    private static RetryOptions ReadRetry(ParsedArguments arguments, string method)
    {
        if (arguments.Value(ConnectionOptions.Retry, static text => NumberText.Parse(text, 0, 100)) is { } retries)
        {
            // Whoever asks for retries of a POST by name gets them. One run is no crowd: the budget that protects servers is as large.
            return RetryOptions.Default with { Retries = retries, RepeatUnsafeMethods = true, BudgetReserve = Math.Max(10, retries) };
        }
        return method is "POST" or "PATCH" ? RetryOptions.None : RetryOptions.Default;
    }

    private static ResponseLimits ReadLimits(ParsedArguments arguments)
    {
        if (arguments.Value(HttpOptions.MaxSize, NumberText.Size) is not { } bytes)
            return ResponseLimits.Default;
        return ResponseLimits.Default with { BufferedBytes = Math.Min(bytes, Array.MaxLength), StreamedBytes = bytes };
    }
}
