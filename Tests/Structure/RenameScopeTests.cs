using TransformFramework.Structure.Surgery;

namespace TransformFramework.Structure.Tests;

public sealed class RenameScopeTests
{
    [Theory]
    [InlineData("model", "net", "net/w = Const()\nmodeling/w = Const()\ny = Add(net/w, ^net/w, modeling/w) {_class=[\"loc:@net/w\"]}")]
    [InlineData("model", "", "w = Const()\nmodeling/w = Const()\ny = Add(w, ^w, modeling/w) {_class=[\"loc:@w\"]}")]
    [InlineData("", "all", "all/model/w = Const()\nall/modeling/w = Const()\nall/y = Add(all/model/w, ^all/model/w, all/modeling/w) {_class=[\"loc:@all/model/w\"]}")]
    public void Nodes_and_their_readers_are_renamed(string from, string to, string expected) =>
        new TransformTest(new RenameScope(), new RenameScope.Options { OldScope = from, NewScope = to }).Check("model/w = Const()\nmodeling/w = Const()\ny = Add(model/w, ^model/w, modeling/w) {_class=[\"loc:@model/w\"]}", expected);

    [Theory]
    [InlineData("z", "net", "no node 'z/…'")]
    [InlineData("a", "b", "a node is named 'b/w' already")]
    [InlineData("a", "c", "is an input or output of the run")]
    public void What_cannot_be_renamed_is_an_error(string from, string to, string message) =>
        Assert.Contains(message, new TransformTest(new RenameScope(), new RenameScope.Options { OldScope = from, NewScope = to }) { Outputs = to == "c" ? ["a/w"] : [] }.Fails("a/w = Const()\nb/w = Const()").Message, StringComparison.Ordinal);
}
