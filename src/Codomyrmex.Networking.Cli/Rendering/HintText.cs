namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>What to try, in words of the command line: the library's speak of its options.</summary>
internal static class HintText
{
    /// <summary>What to try, where anything is known.</summary>
    public static string? Of(NetworkException error) => error.Code switch
    {
        ErrorCodes.HttpVersionUnavailable => "Leave --http3 out, and HTTP/2 or HTTP/1.1 is spoken; or leave out what the message names.",
        ErrorCodes.HttpStatus when Speaks(error) => "The server says why in its body; 'codonet get URL' shows it.",
        ErrorCodes.LocalIo when Speaks(error) => "Check the path, the space and the permissions there; the network is not the cause.",
        _ => error.Hint,
    };

    // Of what only a program sees.
    private static bool Speaks(NetworkException error) => error.Hint?.Contains("exception", StringComparison.Ordinal) == true;
}
