local file = io.open("examples/01-digits/images/digit_7_test_004.png", "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
