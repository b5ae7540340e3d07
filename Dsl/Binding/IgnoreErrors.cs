using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Binding;

/// <summary>The argument <c>ignore_errors</c>, which every transform accepts and no options record sees.</summary>
public static class IgnoreErrors
{
    /// <summary>The argument's name.</summary>
    public const string ArgumentName = "ignore_errors";

    /// <summary>Reads the first value, in any case; absent is false. A bad value is an error that is not itself ignorable.</summary>
    public static (bool Value, Diagnostic? Error) Read(TransformCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var argument = call.Arguments.FirstOrDefault(argument => argument.Name == ArgumentName);
        return argument?.Value.ToLowerInvariant() switch
        {
            null or "false" => (false, null),
            "true" => (true, null),
            string other => (false, BadValue(argument, other)),
        };
    }

    private static Diagnostic BadValue(Argument argument, string value) =>
        DslDiagnostics.BadIgnoreErrors.With(value) with
        {
            Span = argument.ValueSpan,
            Suggestion = "Write ignore_errors=true to carry on with the unchanged graph when this transform fails.",
        };
}
