using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Binding;

/// <summary>The argument <c>ignore_errors</c>, which every transform accepts.</summary>
public static class IgnoreErrors
{
    /// <summary>The argument's name.</summary>
    public const string ArgumentName = "ignore_errors";

    /// <summary>Reads the first value, whatever its case; absent is false. A bad value is an error that is not itself ignorable.</summary>
    public static (bool Value, Diagnostic? Error) Read(TransformCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var argument = call.Arguments.FirstOrDefault(argument => argument.Name == ArgumentName);
        return argument?.Value.ToLowerInvariant() switch
        {
            null or "false" => (false, null),
            "true" => (true, null),
            _ => (false, Diagnostic.Error("TFX1006", $"ignore_errors should be true or false, found {argument.Value.ToLowerInvariant()}") with { Span = argument.ValueSpan }),
        };
    }
}
