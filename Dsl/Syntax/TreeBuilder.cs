using System.Collections.Immutable;
using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl.Syntax;

/// <summary>Makes the public tree, with its places, comments and warnings, from what the grammar found.</summary>
internal sealed class TreeBuilder(SourceText source)
{
    private readonly ImmutableArray<Diagnostic>.Builder warnings = ImmutableArray.CreateBuilder<Diagnostic>();

    public ParseResult Build(ScriptSyntax script)
    {
        var calls = ImmutableArray.CreateBuilder<TransformCall>(script.Calls.Length);
        var trivia = script.LeadingTrivia;
        foreach (var (call, triviaAfter) in script.Calls)
        {
            calls.Add(Build(call, trivia));
            trivia = triviaAfter;
        }

        var tree = new Script(calls.MoveToImmutable()) { TrailingComments = Comments.In(trivia, source) };
        return new ParseResult(tree, warnings.ToImmutable());
    }

    private TransformCall Build(CallSyntax call, Token trivia)
    {
        string? plugin = call.Plugin.IsEmpty ? null : call.Plugin.Text;
        ImmutableArray<Argument> arguments = call.List is null ? [] : [.. call.List.Arguments.Select(Build)];
        return new TransformCall(plugin, call.Name.Text, arguments)
        {
            Span = source.Span(plugin is null ? call.Name.Start : call.Plugin.Start, call.List?.End ?? call.Name.End),
            NameSpan = Span(call.Name),
            LeadingComments = Comments.In(trivia, source),
            FollowsBlankLine = Comments.EndsWithBlankLine(trivia),
        };
    }

    private Argument Build(ArgumentSyntax argument)
    {
        Warn(argument);
        return new Argument(argument.Name.Text, argument.Value.Text)
        {
            Span = source.Span(argument.Name.Start, argument.Value.End),
            NameSpan = Span(argument.Name),
            ValueSpan = source.Span(argument.Value.Start, argument.Value.End),
            IsQuoted = argument.Value.IsQuoted,
            LeadingComments = Comments.In(argument.Trivia, source),
        };
    }

    private void Warn(ArgumentSyntax argument)
    {
        if (Characters.IsTypographicQuote(source.Text[argument.Value.Start]))
            warnings.Add(TypographicQuote(argument));
        foreach (var stray in new[] { argument.StrayDoubleQuote, argument.StraySingleQuote })
        {
            if (!stray.IsEmpty)
                warnings.Add(StrayQuote(argument, stray));
        }
    }

    private Diagnostic TypographicQuote(ArgumentSyntax argument) =>
        DslDiagnostics.TypographicQuote.With(argument.Name.Text) with
        {
            Span = source.Span(argument.Value.Start, argument.Value.End),
            Suggestion = "Write plain double quotes (\"): the original tool does not read these.",
        };

    private Diagnostic StrayQuote(ArgumentSyntax argument, Token stray) =>
        DslDiagnostics.StrayQuote.With(argument.Name.Text) with
        {
            Span = Span(stray),
            Suggestion = $"Remove the {stray.Text}.",
        };

    private SourceSpan Span(Token token) => source.Span(token.Start, token.End);
}
