// platen-collector: reads printers and says what they mean.
int main() { return 0; }
