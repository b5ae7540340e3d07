using CsCheck;

namespace TransformFramework.Dsl.Tests.Syntax;

/// <summary>Script texts that parse, in every spelling the language has.</summary>
internal static class Generators
{
    private static readonly Gen<string> Word = Gen.String[Gen.Char["abcxyzABC_019"], 1, 8];

    private static readonly Gen<string> Comment = Gen.String[Gen.Char["ab #\"()=,“\t"], 0, 10].Select(text => $"#{text}\n");

    private static readonly Gen<string> Blank = OneOf(" ", "\n", "\r\n", "\t", "\n\n", " \n \n", "\v\f");

    private static readonly Gen<string> Trivia = Gen.Frequency((5, Blank), (1, Comment), (1, Gen.Select(Blank, Comment, Blank, (before, comment, after) => before + comment + after)));

    private static readonly Gen<string> Content = OneOf("a", "1", ",", " ", ":", "\\\"", "\\\\", "\\“", "\\”", "\\’", "\n", "é", "'", "#", ")", "(", "=", "\0").Array[0, 6].Select(string.Concat);

    private static readonly Gen<string> Bare = Gen.String[Gen.Char["abc019_-./"], 1, 12];

    private static readonly Gen<string> Value = Gen.OneOf(
        Bare,
        Content.Select(text => $"\"{text}\""),
        Content.Select(text => $"“{text}”"),
        Content.Select(text => $"„{text}“"),
        Content.Select(text => $"‘{text}’"));

    private static readonly Gen<string> Stray = Gen.Frequency((8, Gen.Const("")), (1, Gen.Const("\"")), (1, Gen.Const("'")), (1, Gen.Const("\"'")), (1, Gen.Const("”")));

    private static readonly Gen<string> Argument = Gen.Select(Word, Value, Stray, (name, value, stray) => $"{name}={value}{stray}");

    private static readonly Gen<string> Separator = Gen.OneOf(Gen.Const(","), Trivia, Trivia.Select(trivia => "," + trivia));

    private static readonly Gen<string> Arguments =
        Gen.Select(Gen.OneOf(Gen.Const(""), Separator), Gen.Select(Argument, Separator).Array[0, 4], Argument, (opening, items, last) =>
            $"({opening}{string.Concat(items.Select(item => item.Item1 + item.Item2))}{last})");

    private static readonly Gen<string> Call = Gen.Select(Gen.OneOf(Gen.Const(""), Word.Select(word => word + "::")), Word, Gen.OneOf(Gen.Const(""), Gen.Const("()"), Arguments), (plugin, name, list) => plugin + name + list);

    public static readonly Gen<string> Text = Gen.Select(Gen.OneOf(Gen.Const(""), Trivia), Gen.Select(Call, Trivia).Array[0, 5], (leading, calls) =>
        leading + string.Concat(calls.Select(item => item.Item1 + item.Item2)));

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);
}
