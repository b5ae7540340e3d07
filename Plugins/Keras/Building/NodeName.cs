namespace TransformFramework.Keras.Building;

/// <summary>Names of nodes from names of layers.</summary>
internal static class NodeName
{
    /// <summary>The name with what TensorFlow's node names cannot hold replaced by <c>_</c>.</summary>
    public static string Of(string name)
    {
        if (name.Length == 0)
            return "unnamed";
        char[] characters = [.. name.Select((character, i) => IsAllowed(character, i == 0) ? character : '_')];
        return characters[0] == '_' && !char.IsAsciiLetterOrDigit(name[0]) ? "l" + new string(characters) : new string(characters);
    }

    private static bool IsAllowed(char character, bool first) => char.IsAsciiLetterOrDigit(character) || (!first && character is '_' or '.' or '-' or '/' or '\\' or '>') || (first && character == '.');
}
