using Microsoft.Extensions.Options;
using TransformFramework.Engine;

namespace TransformFramework.Extensions;

/// <summary>Tells every mistake of the engine's options at once.</summary>
internal sealed class EngineOptionsValidator : IValidateOptions<TransformEngineOptions>
{
    public ValidateOptionsResult Validate(string? name, TransformEngineOptions options) =>
        options.Mistakes() is { Count: > 0 } mistakes ? ValidateOptionsResult.Fail(mistakes) : ValidateOptionsResult.Success;
}
