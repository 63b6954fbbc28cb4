using Codomyrmex.Networking.Http;
using Microsoft.Extensions.Options;

namespace Codomyrmex.Networking.Extensions.Internal;

/// <summary>Checks the settings of one client by applying them.</summary>
internal sealed class SettingsValidation(string client) : IValidateOptions<HTTPClientSettings>
{
    public ValidateOptionsResult Validate(string? name, HTTPClientSettings options)
    {
        if (name != client)
            return ValidateOptionsResult.Skip;
        try
        {
            options.ApplyTo(HTTPClientOptions.Default);
            return ValidateOptionsResult.Success;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return ValidateOptionsResult.Fail($"The settings of the client '{client}' are wrong: {error.Message}");
        }
    }
}
