namespace TransformFramework.Transforms;

/// <summary>Something that this release of the contract does not have.</summary>
public static class Addition
{
    public static string Answer() => "later";
}
