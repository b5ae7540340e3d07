using System.Collections.Immutable;
using Sprache;

namespace TransformFramework.Dsl.Syntax;

internal sealed record ValueSyntax(string Text, int Start, int End, bool IsQuoted);

internal sealed record ArgumentSyntax(Token Trivia, Token Name, ValueSyntax Value, Token StrayDoubleQuote, Token StraySingleQuote);

internal sealed record ArgumentListSyntax(ImmutableArray<ArgumentSyntax> Arguments, int End);

internal sealed record CallSyntax(Token Plugin, Token Name, ArgumentListSyntax? List);

internal sealed record FollowedCallSyntax(CallSyntax Call, Token TriviaAfter);

internal sealed record ScriptSyntax(Token LeadingTrivia, ImmutableArray<FollowedCallSyntax> Calls);

/// <summary>
/// The language (docs/grammar.md). Blanks and comments are skipped only before a transform's name and before an argument's name: everything else follows
/// directly, as in the original tool. One token decides at every choice, so the exclusive forms of the combinators never go back.
/// </summary>
internal static class Grammar
{
    private static readonly Parser<Token> Nothing = Parse.Return(new Token("", 0));

    private static readonly Parser<Token> Word = Lexemes.Run(Characters.Word, Expected.ArgumentName);

    private static readonly Parser<ValueSyntax> Bare =
        from value in Lexemes.Run(Characters.Value, Expected.Value)
        select new ValueSyntax(value.Text, value.Start, value.End, IsQuoted: false);

    private static readonly Parser<ValueSyntax> Value =
        Quoted("\"", "\"")
            .XOr(Quoted(Characters.TypographicDoubleQuotes, Characters.DoubleQuotes))
            .XOr(Quoted(Characters.TypographicSingleQuotes, Characters.SingleQuoteEnds))
            .XOr(Bare);

    private static readonly Parser<ArgumentSyntax> Argument =
        from comma in Symbol(",").XOr(Nothing)
        from trivia in Lexemes.Trivia
        from name in Word
        from sign in Lexemes.OneOf("=", Expected.EqualsSign)
        from value in Value
        from strayDouble in Symbol(Characters.DoubleQuotes).XOr(Nothing)
        from straySingle in Symbol("'" + Characters.TypographicSingleQuotes).XOr(Nothing)
        select new ArgumentSyntax(trivia, name, value, strayDouble, straySingle);

    private static readonly Parser<ArgumentListSyntax> Arguments =
        from open in Symbol("(")
        from arguments in Argument.XMany()
        from close in Lexemes.OneOf(")", Expected.NextArgument)
        select new ArgumentListSyntax([.. arguments], close.End);

    private static readonly Parser<Token> PluginPrefix =
        from plugin in Lexemes.PluginName
        from colons in Symbol(":").Then(_ => Symbol(":"))
        select plugin;

    private static readonly Parser<CallSyntax> Call =
        from plugin in PluginPrefix.XOr(Nothing)
        from name in Lexemes.Run(Characters.Word, Expected.TransformName)
        from list in ClosedBeforeEnd(Arguments, name.Text).XOr(Parse.Return<ArgumentListSyntax?>(null))
        select new CallSyntax(plugin, name, list);

    /// <summary>A whole script.</summary>
    public static readonly Parser<ScriptSyntax> Script =
        from leading in Lexemes.Trivia
        from calls in (from call in Call from trivia in Lexemes.Trivia select new FollowedCallSyntax(call, trivia)).XMany()
        from end in Lexemes.End
        select new ScriptSyntax(leading, [.. calls]);

    private static Parser<Token> Symbol(string characters) => Lexemes.OneOf(characters, Expected.NextArgument);

    private static Parser<ValueSyntax> Quoted(string opening, string closing) =>
        from open in Lexemes.OneOf(opening, Expected.Value)
        from text in Lexemes.UntilUnescaped(closing)
        from close in Lexemes.OneOf(closing, Expected.ClosingQuote)
        select new ValueSyntax(text.Text, open.Start, close.End, IsQuoted: true);

    /// <summary>Says of a list that breaks off at the end of the script that it is not closed, and whose it is.</summary>
    private static Parser<ArgumentListSyntax?> ClosedBeforeEnd(Parser<ArgumentListSyntax> list, string transform) => input =>
    {
        var result = list(input);
        if (result.WasSuccessful)
            return Result.Success<ArgumentListSyntax?>(result.Value, result.Remainder);
        bool isCutOff = result.Remainder.AtEnd && !input.AtEnd && !result.Expectations.Contains(Expected.ClosingQuote);
        return isCutOff
            ? Result.Failure<ArgumentListSyntax?>(result.Remainder, transform, [Expected.ClosingParenthesis])
            : Result.Failure<ArgumentListSyntax?>(result.Remainder, "", result.Expectations);
    };
}
