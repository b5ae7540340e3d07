namespace TransformFramework.Toolkit.Patterns;

/// <summary>Op names as a pattern writes them: <c>A|B</c>, or <c>*</c> for any.</summary>
internal sealed record OpNames(string Expression)
{
    private readonly string[] names = Expression.Split('|');

    public bool Contain(string op) => Expression == "*" || Array.IndexOf(names, op) >= 0;

    public override string ToString() => Expression;
}
