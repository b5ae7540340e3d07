using TransformFramework.Servers.LanguageServer;

namespace TransformFramework.Servers.Tests;

public sealed class ScriptDocumentTests
{
    [Theory]
    [InlineData("a\nbc\n", 1, 1, 3)]
    [InlineData("a\nbc\n", 0, 9, 1)]
    [InlineData("a\nbc\n", 9, 0, 5)]
    public void Places_beyond_the_text_are_its_ends(string text, int line, int character, int offset) => Assert.Equal(offset, new ScriptDocument(text).OffsetOf(new(line, character)));
}
