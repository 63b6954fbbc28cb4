namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>A step of the demonstration did something else than it should.</summary>
internal sealed class DemoFailure(string message) : Exception(message)
{
    /// <summary>Throws where a step's expectation does not hold.</summary>
    public static void Unless(bool holds, string otherwise)
    {
        if (!holds)
            throw new DemoFailure(otherwise);
    }

    /// <summary>Runs what must fail with a code; the result is the failure.</summary>
    public static async Task<T> CatchAsync<T>(Task work, string code) where T : NetworkException
    {
        try
        {
            await work;
        }
        catch (T error) when (error.Code == code)
        {
            return error;
        }
        throw new DemoFailure($"succeeded, but should have failed with {code}");
    }
}
