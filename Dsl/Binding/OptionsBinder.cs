using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Transforms;

namespace TransformFramework.Dsl.Binding;

/// <summary>Turns the arguments of a call into an instance of an options record, by the record's <c>[Option]</c> properties. A property's
/// accessor may refuse a value with a <see cref="TransformException"/>.</summary>
public static class OptionsBinder
{
    /// <summary>Binds all arguments but <c>ignore_errors</c>. Unknown ones are errors, or warnings when <paramref name="ignoreUnknown"/> is set.</summary>
    /// <exception cref="InvalidOperationException">The record is not fit for arguments; the message says why.</exception>
    public static BindResult Bind(TransformCall call, Type optionsType, bool ignoreUnknown)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(optionsType);
        var properties = OptionProperty.Of(optionsType);
        object options = OptionProperty.CreateDefaults(optionsType);
        var arguments = call.Arguments.ToLookup(argument => argument.Name, StringComparer.Ordinal);
        var diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();

        foreach (var property in properties)
            diagnostics.AddRange(Bind(property, [.. arguments[property.Name]], call, options));
        diagnostics.AddRange(FindUnknown(call, properties, ignoreUnknown));
        bool failed = diagnostics.Any(diagnostic => diagnostic.Severity == Severity.Error);
        return new BindResult(failed ? null : options, [.. diagnostics.DistinctBy(diagnostic => diagnostic.Message)]);
    }

    private static IEnumerable<Diagnostic> Bind(OptionProperty property, ImmutableArray<Argument> given, TransformCall call, object options)
    {
        if (given.IsEmpty)
            return BindAbsent(property, call, options);
        if (given.Length > 1 && !property.IsRepeatable && !property.Attribute.FirstValueCounts)
            return [Repeated(property, given)];

        var read = (property.IsRepeatable ? given : given[..1]).Select(argument => (Argument: argument, Result: property.Reader.Read(property.Name, argument.Value))).ToArray();
        var bad = read.Where(item => item.Result.Problem is not null).ToArray();
        if (bad.Length > 0)
            return bad.Select(item => BadValue(property, item.Argument, item.Result.Problem!));

        try
        {
            property.Set(options, [.. read.Select(item => item.Result.Value!)]);
            return [];
        }
        catch (TransformException refusal)
        {
            return [BadValue(property, given[0], refusal.Message)];
        }
    }

    private static IEnumerable<Diagnostic> BindAbsent(OptionProperty property, TransformCall call, object options)
    {
        if (property.IsRequired)
            return [Missing(property, call)];
        if (property.IsUnassignedArray(options))
            property.Set(options, []);
        return [];
    }

    private static IEnumerable<Diagnostic> FindUnknown(TransformCall call, ImmutableArray<OptionProperty> properties, bool ignoreUnknown)
    {
        string[] known = [.. properties.Select(property => property.Name), IgnoreErrors.ArgumentName];
        return call.Arguments
            .Where(argument => !known.Contains(argument.Name, StringComparer.Ordinal))
            .DistinctBy(argument => argument.Name)
            .Select(argument => Unknown(argument, call, known, ignoreUnknown));
    }

    private static Diagnostic Unknown(Argument argument, TransformCall call, string[] known, bool isIgnored)
    {
        DiagnosticDescriptor kind = isIgnored ? DslDiagnostics.UnknownArgumentIgnored : DslDiagnostics.UnknownArgument;
        return kind.With(call.QualifiedName, argument.Name) with
        {
            Span = argument.NameSpan,
            Suggestion = Suggestions.Nearest(argument.Name, known) is { } nearest ? $"Did you mean '{nearest}'?" : $"Its arguments are {string.Join(", ", known)}.",
        };
    }

    private static Diagnostic Missing(OptionProperty property, TransformCall call) =>
        DslDiagnostics.MissingArgument.With(property.Attribute.CountMessage ?? $"{call.QualifiedName} needs the argument '{property.Name}'") with
        {
            Span = call.NameSpan,
            Suggestion = $"Add {property.Name}=… ({property.Reader.TypeText}): {property.Attribute.Description}",
        };

    private static Diagnostic Repeated(OptionProperty property, ImmutableArray<Argument> given) =>
        DslDiagnostics.RepeatedArgument.With(property.Attribute.CountMessage ?? $"Expected a single '{property.Name}' parameter, but found {given.Length} occurrences") with
        {
            Span = given[1].Span,
            Suggestion = $"Keep one {property.Name}=….",
        };

    private static Diagnostic BadValue(OptionProperty property, Argument argument, string problem) =>
        DslDiagnostics.BadValue.With(problem) with { Span = argument.ValueSpan, Suggestion = property.Reader.Hint };
}
