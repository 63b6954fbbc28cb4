namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>What to try, in words of the command line: the library's speak of its options.</summary>
internal static class HintText
{
    public static string? Of(NetworkException error) => error.Code switch
    {
        ErrorCodes.HttpVersionUnavailable => "Leave --http3 out, and HTTP/2 or HTTP/1.1 is spoken; or leave out what the message names.",
        _ => error.Hint,
    };
}
