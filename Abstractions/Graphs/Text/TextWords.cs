using System.Buffers;

namespace TransformFramework.Graphs.Text;

/// <summary>Which names are written as they are, and which need quotes.</summary>
internal static class TextWords
{
    public const string Elision = "<";

    private const string NameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-+>";

    private static readonly SearchValues<char> Name = SearchValues.Create(NameCharacters);
    private static readonly SearchValues<char> Input = SearchValues.Create(NameCharacters + ":^");

    public static int NameLength(ReadOnlySpan<char> text) => Length(text, Name);

    public static int InputLength(ReadOnlySpan<char> text) => Length(text, Input);

    public static bool IsPlainName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(Name);

    public static bool IsPlainInput(string input) => input.Length > 0 && !input.AsSpan().ContainsAnyExcept(Input);

    private static int Length(ReadOnlySpan<char> text, SearchValues<char> characters)
    {
        int length = text.IndexOfAnyExcept(characters);
        return length < 0 ? text.Length : length;
    }
}
